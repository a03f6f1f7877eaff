/** The nouns of the ledger. */
import type { Clock } from '../../kernel/clock.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { LedgerSigner } from './keys.ts';

/** What is to be written. The ledger adds the time and the number. */
export interface Entry {
  /** What happened, such as `rotation.approved`: lower-case words joined by dots. */
  kind: string;
  /** Who did it. */
  actor: string;
  incidentId?: string;
  /** What it was done to. */
  subject?: string;
  /** Any JSON value; a Secret in it is written as `[secret]`. */
  data: unknown;
}

/** An entry as it stands in the ledger. */
export interface LedgerEntry extends Entry {
  /** Its number: 0 for the first, and its index in the tree. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  /** The canonical JSON that was hashed. */
  body: string;
  /** SHA-256 as RFC 6962 has it, in hexadecimal. */
  leafHash: string;
}

export interface Checkpoint {
  origin: string;
  /** Entries in the tree. */
  size: number;
  /** Hexadecimal. */
  root: string;
  /** The signed note, as served at /checkpoint. */
  note: string;
}

/** Hashes are in hexadecimal. */
export interface InclusionProof {
  seq: number;
  size: number;
  leafHash: string;
  path: string[];
  root: string;
  /** Whether the entry's text, hashed anew, leads along the path to the signed root. */
  included: boolean;
  /** The signed note. */
  checkpoint: string;
}

/** Hashes are in hexadecimal. */
export interface ConsistencyProof {
  oldSize: number;
  newSize: number;
  oldRoot: string;
  newRoot: string;
  path: string[];
}

export interface ListFilter {
  incidentId?: string;
  kind?: string;
  subject?: string;
  /** Only entries with a greater number. */
  after?: number;
  /** At most `limits.apiPageRowsMax`, which is also the default. */
  limit?: number;
}

export interface Ledger {
  readonly db: Db;
  readonly signer: LedgerSigner;
  readonly clock: Clock;

  /**
   * Writes the entries, all or none, together with those of others that call at the same time. Resolves with
   * their numbers once they are on disk. Never await it while a transaction of yours holds `appendWithin`:
   * it waits for that transaction. Throws bad_input or limit_exceeded for an entry that does not fit. When
   * the database goes away in the middle, the entries may have been written all the same.
   */
  append(entries: Entry | readonly Entry[]): Promise<number[]>;
  /**
   * Writes the entries as part of `tx`, so that a change and its entries are committed together or not at
   * all. Other writers wait until `tx` ends: call it late and keep the rest short.
   */
  appendWithin(tx: Tx, entries: readonly Entry[]): Promise<number[]>;

  /** Throws not_found, or corrupt when the entry does not have the hash that it was written with. */
  entry(seq: number): Promise<LedgerEntry>;
  /** First to last. */
  list(filter?: ListFilter): Promise<LedgerEntry[]>;
  /** The newest checkpoint; of an empty ledger, a checkpoint of size 0. */
  head(): Promise<Checkpoint>;
  /** Proves that the entry stands in the tree of the newest checkpoint. Throws not_found. */
  inclusion(seq: number): Promise<InclusionProof>;
  /** Proves that the ledger of `newSize` entries begins with the one of `oldSize`. Throws not_found. */
  consistency(oldSize: number, newSize: number): Promise<ConsistencyProof>;
  /** `width` hashes of a tile, 32 bytes each; 256 (the whole tile) by default. Throws not_found. */
  tile(level: number, index: number, width?: number): Promise<Buffer>;
  /** The entries below a tile of level 0, as a C2SP entry bundle. Throws not_found. */
  entryTile(index: number, width?: number): Promise<Buffer>;
}
