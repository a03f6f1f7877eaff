/** What the API and the command line name of the ledger without loading the rest: closed lists and schemas. */
export { Envelope, Statement } from './attestation.ts';
