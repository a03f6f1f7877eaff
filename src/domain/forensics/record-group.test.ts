/** What a host sent is written soon, also where the next host takes its time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ForensicsLab, openForensicsLab } from './__fixtures__/lab.ts';
import { createCollection } from './collect.ts';
import { type Examined, GroupWriter } from './record-group.ts';
import { readProgress } from './store.ts';

let lab: ForensicsLab;
let collectionId: string;
beforeAll(async () => {
  const hosts = [1, 2, 3].map((n) => ({ name: `web-${n}`, address: `127.77.1.${n}`, role: 'web' }));
  lab = await openForensicsLab(hosts, { user: 'root' });
  const what = { selection: {}, cost: 'light' as const, artifacts: [], since: null };
  ({ id: collectionId } = await createCollection(lab.context, lab.incident.id, what));
});
afterAll(() => lab?.close());

const gone = (host: string): Examined => ({
  verdict: {
    host,
    state: 'unreachable',
    code: 'refused',
    why: 'nothing listens there',
    at: lab.context.clock.now(),
    tookMs: 1,
    load: null,
    facts: 0,
    score: 0,
    identity: null,
    artifacts: [],
    rawSha256: null,
    rawBytes: null,
    scriptSha256: null,
    exitCode: null,
    hostKey: null,
    origin: '',
  },
  facts: '',
  findings: [],
  replaces: null,
});

const pending = async () => (await readProgress(lab.context.db, collectionId, new Date())).pending;

test('a host is written though no other comes, and none after the end', async () => {
  const target = { collectionId, incidentId: lab.incident.id, kind: 'triage.examined', data: {} };
  {
    await using writer = new GroupWriter(lab.context, target);
    await writer.add(gone('web-1'));
    expect(await pending()).toBe(3);
    await expect.poll(pending, { timeout: 10_000 }).toBe(2);
    expect(writer.written).toBe(1);
    await writer.add(gone('web-2'));
    await writer.flush();
    expect(await pending()).toBe(1);
    await writer.add(gone('web-3'));
  }
  await lab.context.clock.sleep(3_000);
  expect(await pending()).toBe(1);
});

test('what could not be written while nobody waited fails the next host', async () => {
  const target = { collectionId, incidentId: lab.incident.id, kind: 'triage.examined', data: {} };
  const lake = () => Promise.reject(new Error('the lake is away'));
  await using writer = new GroupWriter({ ...lab.context, lake }, target);
  await writer.add(gone('web-3'));
  await lab.context.clock.sleep(3_000);
  await expect(writer.add(gone('web-3'))).rejects.toThrow('the lake is away');
  await expect(writer.flush()).rejects.toThrow('the lake is away');
});
