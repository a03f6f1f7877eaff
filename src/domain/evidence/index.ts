/** The tamper-evident ledger: append, prove, attest, export, verify offline. See README.md for the formats. */
export {
  type AttestationCheck,
  Envelope,
  Statement,
  signAttestation,
  verifyAttestation,
} from './attestation.ts';
export type { VerifyReport } from './bundle-format.ts';
export { parseCheckpoint, type TreeHead, verifyCheckpoint } from './checkpoint.ts';
export { type BundleSummary, exportBundle } from './export-bundle.ts';
export type { RawSource } from './export-raw.ts';
export { type ExceptionRow, type ExceptionTerms, grantException } from './grant-exception.ts';
export { type LedgerSigner, loadOrCreateSigner } from './keys.ts';
export { openLedger } from './ledger.ts';
export { verifyConsistency, verifyInclusion } from './merkle.ts';
export { parseVerifierKey, type VerifierKey } from './note.ts';
export { formatTilePath, parseTilePath, type TileRequest } from './tiles.ts';
export type {
  Checkpoint,
  ConsistencyProof,
  Entry,
  InclusionProof,
  Ledger,
  LedgerEntry,
  ListFilter,
} from './types.ts';
export { verifyBundle } from './verify-bundle.ts';
