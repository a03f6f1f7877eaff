/**
 * Proofs that stand by themselves: an in-toto Statement v1 in a DSSE envelope, signed with the ledger's key.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import { z } from 'zod';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/hash.ts';
import type { LedgerSigner } from './keys.ts';
import { parseVerifierKey, type VerifierKey, verifyBytes } from './note.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
export const payloadType = 'application/vnd.in-toto+json';

/** What is stated (`predicate`), of what (`subject`). Fields that the specification adds later pass. */
export const Statement = z.looseObject({
  _type: z.literal(statementType),
  subject: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        digest: z
          .record(z.string(), z.string().min(1))
          .refine((digest) => Object.keys(digest).length > 0, 'at least one digest'),
      }),
    )
    .min(1),
  predicateType: z.string().min(1),
  predicate: z.record(z.string(), z.unknown()).optional(),
});
export type Statement = z.infer<typeof Statement>;

/** The DSSE JSON envelope. */
export const Envelope = z.looseObject({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z
    .array(z.looseObject({ keyid: z.string().optional(), sig: z.string() }))
    .min(1)
    .max(16),
});
export type Envelope = z.infer<typeof Envelope>;

/** A statement is only given when its signature holds; otherwise `fault` says what was expected. */
export type AttestationCheck =
  | { signatureValid: true; statement: Statement; fault?: undefined }
  | { signatureValid: false; statement?: undefined; fault: string };

/** DSSE's pre-authentication encoding: what is signed. */
export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Signs a statement. Throws bad_input when it is not an in-toto Statement v1. */
export function signAttestation(signer: LedgerSigner, statement: object): Envelope {
  const payload = Buffer.from(canonicalJson(statement));
  const parsed = Statement.safeParse(JSON.parse(payload.toString()));
  if (!parsed.success)
    throw new FirebreakError('bad_input', `not an in-toto statement: ${z.prettifyError(parsed.error)}`);
  const sig = signer.sign(preAuthEncoding(payloadType, payload)).toString('base64');
  const signature = Object.freeze({ keyid: keyIdOf(signer.key), sig });
  const envelope = Object.freeze({
    payload: payload.toString('base64'),
    payloadType,
    signatures: Object.freeze([signature]) as Envelope['signatures'],
  });
  signedHere.set(envelope, signer.key);
  return envelope;
}

/** Envelopes as `signAttestation` made them; frozen, so they still are. */
const signedHere = new WeakMap<object, VerifierKey>();

/** Whether this process signed the envelope with `key`: then its signature need not be checked. */
export const isSignedHere = (key: VerifierKey, envelope: unknown): boolean =>
  typeof envelope === 'object' && envelope !== null && signedHere.get(envelope) === key;

/** A hint for others, as DSSE wants it: never used to decide. */
const keyIdOf = (key: VerifierKey): string => `${key.name}+${key.id.toString('hex')}`;

/** Checks an envelope under `key`: a signer, or a verifier key as text. Throws bad_input for a malformed key. */
export function verifyAttestation(key: LedgerSigner | string, envelope: unknown): AttestationCheck {
  if (typeof key !== 'string') return verifyEnvelope(key.key, envelope);
  const parsed = parseVerifierKey(key);
  if (!parsed.ok) throw new FirebreakError('bad_input', `expected ${parsed.error}`);
  return verifyEnvelope(parsed.value, envelope);
}

/** The same, under a key that is parsed already. */
export function verifyEnvelope(key: VerifierKey, envelope: unknown): AttestationCheck {
  const parsed = Envelope.safeParse(envelope);
  if (!parsed.success) return failed('a DSSE envelope: payload, payloadType, signatures');
  if (parsed.data.payloadType !== payloadType) return failed(`the payload type ${payloadType}`);
  const payload = decodeAnyBase64(parsed.data.payload);
  if (!payload) return failed('a payload in base64');
  const signed = preAuthEncoding(payloadType, payload);
  const signatures = parsed.data.signatures.map(({ sig }) => decodeAnyBase64(sig));
  if (!signatures.some((signature) => signature && verifyBytes(key, signed, signature)))
    return failed(`a signature of ${key.text} that holds`);
  return readStatement(payload);
}

function readStatement(payload: Buffer): AttestationCheck {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    const statement = Statement.safeParse(JSON.parse(text));
    if (statement.success) return { signatureValid: true, statement: statement.data };
    return failed(`an in-toto Statement v1: ${z.prettifyError(statement.error)}`);
  } catch (error) {
    return failed(`a statement in JSON: ${messageOf(error)}`);
  }
}

const failed = (fault: string): AttestationCheck => ({ signatureValid: false, fault });

/** DSSE verifiers take standard and URL-safe base64 alike, padded or not. */
function decodeAnyBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
