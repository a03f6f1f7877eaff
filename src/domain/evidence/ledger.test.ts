import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestStore } from '../../../test/lab/store.ts';
import { systemClock } from '../../kernel/clock.ts';
import { canonicalJson } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Store } from '../../store/index.ts';
import { signAttestation, statementType } from './attestation.ts';
import { verifyCheckpoint } from './checkpoint.ts';
import { LedgerSigner } from './keys.ts';
import { openLedger } from './ledger.ts';
import { Frontier, hashLeaf, verifyConsistency, verifyInclusion } from './merkle.ts';
import type { Entry, Ledger } from './types.ts';

const newSigner = () => new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const entry = (data: unknown = {}): Entry => ({ kind: 'test.done', actor: 'ada', data });

let store: Store;
let signer: LedgerSigner;
let ledger: Ledger;
beforeEach(async () => {
  store = await createTestStore();
  signer = newSigner();
  ledger = openLedger(store.db, signer, systemClock);
});
afterEach(() => store.close());

const many = (count: number) => Array.from({ length: count }, (_, index) => entry({ index }));

/** Lifts the append-only triggers, as somebody with the database's password could. */
async function tamper(statement: string): Promise<void> {
  await store.db.transaction().execute(async (tx) => {
    await sql.raw('set local session_replication_role = replica').execute(tx);
    await sql.raw(statement).execute(tx);
  });
}

test('an entry is read as it was written, with number, time and hash', async () => {
  const given = {
    kind: 'test.done',
    actor: 'Ada ✓',
    incidentId: 'inc_1',
    subject: 'a "b" \\c',
    data: { z: 1, a: [null, 'é\u2028\n'] },
  };
  expect(await ledger.append(entry())).toEqual([0]);
  expect(await ledger.append([given, entry(null)])).toEqual([1, 2]);
  const read = await ledger.entry(1);
  expect(read).toMatchObject({ ...given, seq: 1 });
  expect(Math.abs(Date.now() - Date.parse(read.at))).toBeLessThan(60_000);
  expect(read.body).toBe(
    canonicalJson({
      v: 1,
      seq: 1,
      at: read.at,
      actor: given.actor,
      kind: given.kind,
      incident: 'inc_1',
      subject: given.subject,
      data: given.data,
    }),
  );
  expect(read.leafHash).toBe(hashLeaf(read.body).toString('hex'));
  await expect(ledger.entry(3)).rejects.toMatchObject({ code: 'not_found' });
  await expect(ledger.entry(-1)).rejects.toMatchObject({ code: 'not_found' });
});

test('the columns for searching are those of the text', async () => {
  await ledger.append({ kind: 'test.done', actor: 'Ada\\', incidentId: 'inc_1', subject: 'x,"{}', data: 1 });
  const row = await store.db.selectFrom('ledger_entry').selectAll().executeTakeFirstOrThrow();
  const { at, ...read } = await ledger.entry(0);
  expect({ ...row, at: row.at.toISOString() }).toMatchObject({
    seq: 0,
    actor: read.actor,
    kind: read.kind,
    incident_id: 'inc_1',
    subject: read.subject,
    at,
  });
});

test('any JSON value comes back, in canonical text', async () => {
  const value = fc.jsonValue({ maxDepth: 4 }).map((data) => JSON.parse(JSON.stringify(data)) as unknown);
  const name = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(value, name), { minLength: 1, maxLength: 20 }), async (given) => {
      const seqs = await ledger.append(
        given.map(([data, actor]) => ({ kind: 'test.done', actor, subject: actor, data })),
      );
      for (const [index, [data, actor]] of given.entries()) {
        const read = await ledger.entry(seqs[index]!);
        expect(canonicalJson({ data: read.data, actor: read.actor, subject: read.subject })).toBe(
          canonicalJson({ data, actor, subject: actor }).replaceAll('\\u0000', '\ufffd'),
        );
      }
    }),
    { numRuns: 50 },
  );
});

test('a NUL, which the database can not search, is written as U+FFFD', async () => {
  await ledger.append(entry({ 'na\0me': ['a\0b', '\\u0000'] }));
  expect((await ledger.entry(0)).data).toEqual({ 'na\ufffdme': ['a\ufffdb', '\\u0000'] });
  await sql`select body::jsonb from ledger_entry`.execute(store.db);
});

test('a secret in the data is written as [secret]', async () => {
  await ledger.append(
    entry({ password: new Secret('canary-4711'), deep: [{ token: new Secret('canary-4711') }] }),
  );
  const { body } = await ledger.entry(0);
  expect(body).toContain('"password":"[secret]"');
  expect(body).not.toContain('canary');
});

test.each<[string, Entry, string]>([
  ['an upper-case kind', { ...entry(), kind: 'Test' }, 'bad_input'],
  ['no actor', { ...entry(), actor: '' }, 'bad_input'],
  ['a line break in the actor', { ...entry(), actor: 'a\nb' }, 'bad_input'],
  ['half a character in the subject', { ...entry(), subject: '\ud800' }, 'bad_input'],
  ['a long subject', { ...entry(), subject: 'é'.repeat(1_001) }, 'bad_input'],
  ['an endless number', entry(Number.NaN), 'bad_input'],
  ['a function', entry({ call: () => 1 }), 'bad_input'],
  ['nothing', { ...entry(), data: undefined }, 'bad_input'],
  ['too much', entry('x'.repeat(limits.ledgerEntryBytesMax)), 'limit_exceeded'],
  [
    'an attestation without a signature',
    entry({ dsse: { payload: 'e30=', payloadType: 'x', signatures: [] } }),
    'bad_input',
  ],
])('an entry with %s is refused, and the others are written', async (_, bad, code) => {
  const good = ledger.append(entry('good'));
  await expect(ledger.append(bad)).rejects.toMatchObject({ code });
  await expect(ledger.append([entry(), bad])).rejects.toMatchObject({ code });
  expect(await good).toEqual([0]);
  expect((await ledger.head()).size).toBe(1);
});

test('a circle in the data is refused', async () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  await expect(ledger.append(entry(circle))).rejects.toMatchObject({ code: 'bad_input' });
});

test('an entry of the greatest size is written, and fits into an entry tile', async () => {
  const room =
    limits.ledgerEntryBytesMax -
    16 -
    Buffer.byteLength(
      canonicalJson({
        v: 1,
        at: new Date().toISOString(),
        actor: 'ada',
        kind: 'test.done',
        data: '',
      }).replace('"v"', '"seq":,"v"'),
    );
  await ledger.append(entry('x'.repeat(room)));
  await expect(ledger.append(entry('x'.repeat(room + 1)))).rejects.toMatchObject({ code: 'limit_exceeded' });
  const tile = await ledger.entryTile(0, 1);
  expect(tile.readUInt16BE()).toBe(tile.length - 2);
});

test('concurrent appends share a batch, a signature and have numbers without gaps', async () => {
  const seqs = (await Promise.all(many(700).map((one) => ledger.append(one)))).flat();
  expect(seqs).toEqual(Array.from({ length: 700 }, (_, index) => index));
  const checkpoints = await store.db.selectFrom('ledger_checkpoint').select('size').execute();
  expect(checkpoints.length).toBeLessThan(5);
  expect(await ledger.list({ after: 698 })).toMatchObject([{ seq: 699, data: { index: 699 } }]);
});

test('more than one batch takes is signed in several', async () => {
  const count = limits.ledgerBatchEntriesMax + 10;
  const seqs = await store.db.transaction().execute((tx) => ledger.appendWithin(tx, many(count)));
  expect(seqs).toHaveLength(count);
  const sizes = await store.db.selectFrom('ledger_checkpoint').select('size').orderBy('size').execute();
  expect(sizes.map(({ size }) => size)).toEqual([limits.ledgerBatchEntriesMax, count]);
  await Promise.all([ledger.append(many(count - 20)), ledger.append(many(30))]);
  expect((await ledger.head()).size).toBe(count + count - 20 + 30);
});

test('an entry within a transaction is there when that is committed, and gone when it is not', async () => {
  await ledger.append(entry());
  const undone = store.db.transaction().execute(async (tx) => {
    expect(await ledger.appendWithin(tx, many(300))).toHaveLength(300);
    expect(await ledger.appendWithin(tx, [entry()])).toEqual([301]);
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  expect((await ledger.head()).size).toBe(1);
  expect(await store.db.transaction().execute((tx) => ledger.appendWithin(tx, [entry('kept')]))).toEqual([1]);
  expect(await ledger.append(entry())).toEqual([2]);
  expect(await ledger.inclusion(1)).toMatchObject({ included: true, size: 3 });
});

test('two ledgers on one database continue each other', async () => {
  const second = openLedger(store.db, signer, systemClock);
  let all: number[] = [];
  for (let round = 0; round < 6; round++) {
    const seqs = await Promise.all([
      ...many(70).map((one) => ledger.append(one)),
      ...many(70).map((one) => second.append(one)),
    ]);
    all = [...all, ...seqs.flat()];
  }
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 840 }, (_, index) => index));
  await checkTree();
});

test('every proof of a ledger written in odd batches verifies', async () => {
  for (const count of [1, 2, 253, 1, 255, 300, 7]) await ledger.append(many(count));
  await checkTree();
});

/** Recomputes the tree from the entries and checks checkpoints, proofs and tiles against it. */
async function checkTree(): Promise<void> {
  const entries = await ledger.list();
  const frontier = new Frontier();
  const roots = [frontier.root()];
  for (const { body } of entries) {
    frontier.add(hashLeaf(body));
    roots.push(frontier.root());
  }
  const size = entries.length;
  for (const { note, size } of await store.db.selectFrom('ledger_checkpoint').selectAll().execute())
    expect(verifyCheckpoint(note, signer.key)).toEqual({
      ok: true,
      value: { origin: 'example.com/log', size, root: roots[size] },
    });
  for (const seq of [0, 1, 255, 256, 511, 512, size - 1]) {
    const { path, included } = await ledger.inclusion(seq);
    const claim = {
      index: seq,
      size,
      leafHash: hashLeaf(entries[seq]!.body),
      path: path.map(bytes),
      root: roots[size]!,
    };
    expect([included, verifyInclusion(claim)]).toEqual([true, true]);
  }
  for (const [oldSize, newSize] of [
    [0, size],
    [1, 2],
    [3, 257],
    [256, 512],
    [511, size],
    [size, size],
  ] as const) {
    const { path } = await ledger.consistency(oldSize, newSize);
    expect(
      verifyConsistency({
        oldSize,
        newSize,
        oldRoot: roots[oldSize]!,
        newRoot: roots[newSize]!,
        path: path.map(bytes),
      }),
    ).toBe(true);
  }
  const leaves = entries.map(({ body }) => hashLeaf(body));
  expect(await ledger.tile(0, 1)).toEqual(Buffer.concat(leaves.slice(256, 512)));
  const tileRoot = new Frontier();
  for (const leaf of leaves.slice(256, 512)) tileRoot.add(leaf);
  expect((await ledger.tile(1, 0, 2)).subarray(32)).toEqual(tileRoot.root());
}

test('tiles are served up to what is there', async () => {
  await ledger.append(many(300));
  expect(await ledger.tile(0, 1, 44)).toHaveLength(44 * 32);
  expect(await ledger.tile(1, 0, 1)).toHaveLength(32);
  const bundle = await ledger.entryTile(1, 44);
  const first = (await ledger.entry(256)).body;
  expect(bundle.readUInt16BE()).toBe(Buffer.byteLength(first));
  expect(bundle.subarray(2, 2 + Buffer.byteLength(first)).toString()).toBe(first);
  for (const [level, index, width] of [
    [0, 1, 45],
    [0, 1, 256],
    [0, 2, 1],
    [1, 0, 2],
    [2, 0, 1],
    [0, 0, 0],
  ] as const)
    await expect(ledger.tile(level, index, width)).rejects.toMatchObject({ code: 'not_found' });
  await expect(ledger.consistency(1, 301)).rejects.toMatchObject({ code: 'not_found' });
  await expect(ledger.consistency(2, 1)).rejects.toMatchObject({ code: 'not_found' });
});

test('lists by incident, kind and subject, a page at a time', async () => {
  await ledger.append([
    { ...entry(0), incidentId: 'inc_1', subject: 'a' },
    { ...entry(1), incidentId: 'inc_2', subject: 'a' },
    { ...entry(2), incidentId: 'inc_1', kind: 'test.other' },
  ]);
  const seqs = async (filter: Parameters<Ledger['list']>[0]) =>
    (await ledger.list(filter)).map(({ seq }) => seq);
  expect(await seqs({ incidentId: 'inc_1' })).toEqual([0, 2]);
  expect(await seqs({ incidentId: 'inc_1', kind: 'test.done' })).toEqual([0]);
  expect(await seqs({ subject: 'a' })).toEqual([0, 1]);
  expect(await seqs({ after: 0, limit: 1 })).toEqual([1]);
  expect(await seqs({ after: 2 })).toEqual([]);
});

test('an empty ledger has a signed head', async () => {
  const head = await ledger.head();
  expect(verifyCheckpoint(head.note, signer.key)).toMatchObject({ ok: true, value: { size: 0 } });
  expect(await ledger.append([])).toEqual([]);
  await expect(ledger.inclusion(0)).rejects.toMatchObject({ code: 'not_found' });
});

test('an attestation signed with our key is taken', async () => {
  const statement = {
    _type: statementType,
    subject: [{ name: 'a', digest: { x: '00' } }],
    predicateType: 'https://example.com/p',
  };
  await ledger.append(entry({ dsse: signAttestation(signer, statement) }));
  await expect(ledger.append(entry({ dsse: signAttestation(newSigner(), statement) }))).rejects.toMatchObject(
    { code: 'bad_input' },
  );
});

test('another key does not continue a ledger', async () => {
  await ledger.append(entry());
  const stranger = openLedger(store.db, newSigner(), systemClock);
  await expect(stranger.append(entry())).rejects.toMatchObject({ code: 'refused' });
  expect((await ledger.head()).size).toBe(1);
});

test.each([
  ['a leaf hash was changed', `update ledger_entry set leaf_hash = sha256('') where seq = 257`],
  ['the last entry was deleted', 'delete from ledger_entry where seq = 299'],
  [
    'an entry was put behind the head',
    `insert into ledger_entry select 300, at, actor, kind, incident_id, subject, body, leaf_hash from ledger_entry where seq = 1`,
  ],
  ['the newest checkpoint was deleted', 'delete from ledger_checkpoint where size = 300'],
  ['a checkpoint was changed', `update ledger_checkpoint set root = sha256('') where size = 300`],
  [
    'a checkpoint was exchanged',
    'update ledger_checkpoint set note = (select note from ledger_checkpoint where size = 1) where size = 300',
  ],
  ['a tile was changed', `update ledger_tile set hashes = sha256('') where level = 1`],
  ['a tile was deleted', 'delete from ledger_tile'],
])('after %s nothing is signed on top of it', async (_, statement) => {
  await ledger.append(many(1));
  await ledger.append(many(299));
  await tamper(statement);
  const reopened = openLedger(store.db, signer, systemClock);
  await expect(reopened.append(entry())).rejects.toMatchObject({ code: 'corrupt' });
});

test('an entry that was changed is not served', async () => {
  await ledger.append(many(10));
  await tamper(`update ledger_entry set body = replace(body, '7', '8') where seq = 7`);
  await expect(ledger.entry(7)).rejects.toMatchObject({ code: 'corrupt' });
});

test('a change of an old entry shows in its proof', async () => {
  await ledger.append(many(300));
  await tamper(
    `update ledger_entry set body = replace(body, '"index":7', '"index":8'), leaf_hash = sha256('\\x00'::bytea || convert_to(replace(body, '"index":7', '"index":8'), 'UTF8')) where seq = 7`,
  );
  expect((await ledger.inclusion(7)).included).toBe(false);
  expect((await ledger.inclusion(8)).included).toBe(false);
  expect((await ledger.inclusion(299)).included).toBe(true);
});
