/** The ledger of one database, opened. */
import type { Clock } from '../../kernel/clock.ts';
import { assert, FirebreakError } from '../../kernel/errors.ts';
import type { Db } from '../../store/index.ts';
import { createQueue, createWriter } from './append.ts';
import { isSignedHere, verifyEnvelope } from './attestation.ts';
import { signCheckpoint } from './checkpoint.ts';
import { parseBody, prepareEntry } from './entry.ts';
import type { LedgerSigner } from './keys.ts';
import { emptyRoot, hashLeaf } from './merkle.ts';
import { proveConsistency, proveInclusion } from './prove.ts';
import { type EntryRow, listEntries, lockLedger, readEntries, readHead, readTile } from './store.ts';
import { encodeEntries, hashBytes, hashesAt, tileWidth } from './tiles.ts';
import type { Checkpoint, Entry, Ledger, LedgerEntry } from './types.ts';

/** Opens the ledger of `db`. Several processes may have it open and write to it. Nothing is read yet. */
export function openLedger(db: Db, signer: LedgerSigner, clock: Clock): Ledger {
  const writer = createWriter(signer, clock);
  const enqueue = createQueue(db, writer);
  const prepare = (entries: readonly Entry[]) => {
    const at = clock.now();
    return entries.map((entry) => {
      checkAttestation(signer, entry);
      return prepareEntry(entry, at);
    });
  };
  return {
    db,
    signer,
    clock,
    async append(given) {
      const prepared = prepare(isList(given) ? given : [given]);
      return prepared.length === 0 ? [] : enqueue(prepared);
    },
    async appendWithin(tx, entries) {
      const prepared = prepare(entries);
      if (prepared.length === 0) return [];
      await lockLedger(tx);
      return writer.write(tx, prepared);
    },
    entry: (seq) => readEntry(db, seq),
    list: async (filter = {}) => (await listEntries(db, filter)).map(toEntry),
    head: () => readCheckpoint(db, signer),
    inclusion: async (seq) => proveInclusion(db, await readCheckpoint(db, signer), await readEntry(db, seq)),
    consistency: async (oldSize, newSize) =>
      proveConsistency(db, await readCheckpoint(db, signer), oldSize, newSize),
    async tile(level, index, width = tileWidth) {
      await checkTile(db, level, index, width);
      return (await readTile(db, { level, index })).subarray(0, width * hashBytes);
    },
    async entryTile(index, width = tileWidth) {
      await checkTile(db, 0, index, width);
      const start = index * tileWidth;
      return encodeEntries((await readEntries(db, start, start + width)).map((row) => row.body));
    },
  };
}

/** A bundle with an attestation that does not hold does not verify, and an entry can't be taken back. */
function checkAttestation(signer: LedgerSigner, { kind, data }: Entry): void {
  if (data === null || typeof data !== 'object' || !('dsse' in data)) return;
  if (isSignedHere(signer.key, data.dsse)) return;
  const { fault } = verifyEnvelope(signer.key, data.dsse);
  if (fault !== undefined)
    throw new FirebreakError(
      'bad_input',
      `the attestation in a ledger entry of kind ${kind} does not hold: expected ${fault}`,
    );
}

const isList = (given: Entry | readonly Entry[]): given is readonly Entry[] => Array.isArray(given);

async function readEntry(db: Db, seq: number): Promise<LedgerEntry> {
  const [row] = isCount(seq) ? await readEntries(db, seq, seq + 1) : [];
  if (!row) throw new FirebreakError('not_found', `the ledger has no entry ${seq}`);
  return toEntry(row);
}

/** Reads an entry from what was hashed, and from nothing else. */
function toEntry({ seq, body: text, leaf_hash }: EntryRow): LedgerEntry {
  const parsed = parseBody(text);
  if (!parsed.ok || parsed.body.seq !== seq || !hashLeaf(text).equals(leaf_hash))
    throw new FirebreakError(
      'corrupt',
      `ledger entry ${seq} is not what was written: export the ledger and verify the bundle`,
      { facts: { seq } },
    );
  const { at, actor, kind, incident, subject, data } = parsed.body;
  return {
    seq,
    at,
    actor,
    kind,
    ...(incident === undefined ? {} : { incidentId: incident }),
    ...(subject === undefined ? {} : { subject }),
    data,
    body: text,
    leafHash: leaf_hash.toString('hex'),
  };
}

async function readCheckpoint(db: Db, signer: LedgerSigner): Promise<Checkpoint> {
  const head = await readHead(db);
  const { size, root } = head ?? { size: 0, root: emptyRoot };
  const note = head?.note ?? signCheckpoint(signer, size, root);
  return { origin: signer.origin, size, root: root.toString('hex'), note };
}

async function checkTile(db: Db, level: number, index: number, width: number): Promise<void> {
  assert(isCount(level) && level <= 63 && isCount(index), 'a tile has a level and an index');
  const size = (await readHead(db))?.size ?? 0;
  const there = Math.min(hashesAt(level, size) - index * tileWidth, tileWidth);
  if (!isCount(width) || width < 1 || width > there)
    throw new FirebreakError(
      'not_found',
      `tile ${index} of level ${level} has ${Math.max(there, 0)} hashes, not ${width}`,
    );
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
