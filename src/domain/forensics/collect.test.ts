/** An examination from its census to its end, on a real OpenSSH server: verdicts, custody, facts, retry, exceptions. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isMissing, startTargetSshd, type TargetSshd } from '../../../test/lab/sshd.ts';
import type { Engine } from '../../engine/index.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { type ForensicsLab, openForensicsLab } from './__fixtures__/lab.ts';
import { countSystems } from './census.ts';
import {
  cancelCollection,
  createCollection,
  pauseCollection,
  resumeCollection,
  retryCollection,
} from './collect.ts';
import type { CollectionWhat } from './collections.ts';
import { exceptHost } from './except-host.ts';
import { showHost } from './show-host.ts';
import { readProgress } from './store.ts';
import { listHostStates } from './store-hosts.ts';

const started = await startTargetSshd({
  users: ['guest'],
  config: ['Match LocalAddress 127.77.0.8', 'ForceCommand sleep 1; echo no shell here'],
});
const sshd = isMissing(started) ? undefined : started;
const title = (name: string) =>
  sshd ? name : `${name} (left out: ${isMissing(started) ? started.missing : ''})`;

let lab: ForensicsLab;
let engine: Engine;
beforeAll(async () => {
  if (!sshd) return;
  const target: TargetSshd = sshd;
  const host = (name: string, address: string, more: object = {}) => ({
    name,
    address,
    port: target.port,
    role: 'web',
    ...more,
  });
  await writeFile(join(target.folder, 'known_hosts'), target.knownHosts.replace('127.*', '127.77.0.*'));
  lab = await openForensicsLab(
    [
      ...[1, 2, 3, 4, 5].map((number) =>
        host(`web-${number}`, `127.77.0.${number}`, { environment: 'production' }),
      ),
      host('unknown-key', '127.78.0.1'),
      host('no-shell', '127.77.0.8'),
      host('no-login', '127.77.0.9', { login: 'stranger' }),
      host('gone', '127.77.0.10', { port: 9 }),
      host('elsewhere', '127.77.0.11', { role: 'db' }),
    ],
    {
      user: 'root',
      identities: [{ key: { file: target.identity } }],
      knownHosts: [join(target.folder, 'known_hosts')],
      timeouts: { connectMs: 2_000 },
    },
  );
  engine = await lab.startEngine();
});
afterAll(async () => {
  await lab?.close();
  await sshd?.close();
});

const what = (more: Partial<CollectionWhat> = {}): CollectionWhat => ({
  selection: { roles: ['web'] },
  cost: 'light',
  artifacts: ['identity', 'accounts', 'cron'],
  since: null,
  ...more,
});

async function run(id: string): Promise<void> {
  await resumeCollection(lab.context, engine, id);
  await expect
    .poll(async () => (await readProgress(lab.context.db, id, new Date())).status)
    .not.toBe('running');
}

test.skipIf(!sshd)(title('each host ends with one verdict, and the census is their sum'), async () => {
  const { id, hosts } = await createCollection(lab.context, lab.incident.id, what());
  expect(hosts).toBe(9);
  const before = await countSystems(lab.context.db, lab.incident.id);
  expect(before).toMatchObject({ total: 9, notAttempted: 9, outstanding: 9, unfinished: 1, beyond: 1 });
  await run(id);
  const progress = await readProgress(lab.context.db, id, new Date());
  expect(progress).toMatchObject({
    status: 'finished',
    pending: 0,
    census: {
      total: 9,
      examined: 5,
      partial: 0,
      refused: 3,
      unreachable: 1,
      notAttempted: 0,
      excepted: 0,
      outstanding: 4,
    },
  });
  const states = await listHostStates(lab.context.db, { incidentId: lab.incident.id, limit: 100 });
  expect(Object.fromEntries(states.map(({ host, state, code }) => [host, `${state} ${code}`]))).toEqual({
    gone: 'unreachable refused',
    'no-login': 'refused authentication',
    'no-shell': 'refused shell',
    'unknown-key': 'refused host-key-unknown',
    ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`web-${number}`, 'examined null'])),
  });
});

test.skipIf(!sshd)(title('the chain of custody: what was meant, what came, under which hash'), async () => {
  const report = await showHost(lab.context, lab.domain.evidence, {
    incidentId: lab.incident.id,
    host: 'web-3',
    limit: 500,
  });
  const { host, raw, facts } = report;
  expect(host).toMatchObject({ state: 'examined', exitCode: 0, attempts: 1 });
  expect(host.hostKey).toMatch(/^ssh-ed25519 SHA256:.* \(known\)$/);
  expect(host.identity?.hostname).toBe(execFileSync('hostname').toString().trim());
  // The file's content is what its name says, by a tool that is not ours.
  expect(
    execFileSync('sh', ['-c', raw?.check ?? ''])
      .toString()
      .slice(0, 64),
  ).toBe(raw?.sha256);
  const chunks: Buffer[] = [];
  for await (const chunk of lab.domain.evidence.read(raw?.sha256 ?? '')) chunks.push(chunk);
  expect(sha256Hex(Buffer.concat(chunks))).toBe(host.rawSha256);
  expect(facts.find(({ artifact, key }) => artifact === 'accounts' && key.includes('root'))).toBeDefined();
  const entry = await lab.context.ledger.entry(host.ledgerSeq ?? -1);
  expect(entry).toMatchObject({ kind: 'triage.examined', subject: host.collectionId, actor: 'tester' });
  const listed = (entry.data as { hosts: { host: string }[] }).hosts.find((one) => one.host === 'web-3');
  expect(listed).toMatchObject({
    verdict: 'examined',
    rawSha256: raw?.sha256,
    scriptSha256: host.scriptSha256,
    exitCode: 0,
  });
  const [intent] = await lab.context.ledger.list({ kind: 'triage.intended', subject: host.collectionId });
  expect(intent?.seq).toBeLessThan(host.ledgerSeq ?? 0);
  expect(JSON.stringify(intent?.data)).toContain('web-3 (127.77.0.3)');
});

test.skipIf(!sshd)(
  title('evidence that was changed afterwards is told from what was collected'),
  async () => {
    const report = await showHost(lab.context, lab.domain.evidence, {
      incidentId: lab.incident.id,
      host: 'web-1',
      limit: 0,
    });
    const path = report.raw?.path ?? '';
    execFileSync('sh', [
      '-c',
      `gzip -dc '${path}' | sed 's/finish/f1nish/' | gzip -c > '${path}.new' && mv '${path}.new' '${path}'`,
    ]);
    const read = async () => {
      for await (const _ of lab.domain.evidence.read(report.raw?.sha256 ?? ''));
    };
    await expect(read()).rejects.toMatchObject({ code: 'corrupt' });
  },
);

test.skipIf(!sshd)(
  title('retry asks only those that are not examined, and no fact is there twice'),
  async () => {
    const [latest] = await lab.context.ledger.list({ kind: 'triage.created' });
    const id = latest?.subject ?? '';
    const count = () =>
      lab.lake.rows<{ host: string; facts: number; distinct: number }>(
        "SELECT host, count() AS facts, uniqExact(artifact, key, value) AS distinct FROM facts WHERE collection_id = {id:String} AND artifact != '' GROUP BY host ORDER BY host",
        { id },
      );
    const before = await count();
    expect(before.map(({ host }) => host)).toEqual(['web-1', 'web-2', 'web-3', 'web-4', 'web-5']);
    await lab.context.db
      .updateTable('collection_host')
      .set({ target: JSON.stringify({ address: '127.77.0.10', port: sshd?.port, login: '', jump: '' }) })
      .where('host', '=', 'gone')
      .execute();
    // As if it had come in part only: its facts are replaced.
    await lab.context.db
      .updateTable('collection_host')
      .set({ state: 'partial' })
      .where('host', '=', 'web-2')
      .execute();
    expect(await retryCollection(lab.context, engine, id)).toBe(5);
    await expect
      .poll(async () => (await readProgress(lab.context.db, id, new Date())).status)
      .toBe('finished');
    const after = await count();
    expect(after.map(({ host }) => host)).toEqual(['gone', 'web-1', 'web-2', 'web-3', 'web-4', 'web-5']);
    for (const { facts, distinct } of after) expect(facts).toBe(distinct);
    const states = await listHostStates(lab.context.db, { incidentId: lab.incident.id, limit: 100 });
    expect(states.filter(({ attempts }) => attempts === 2).map(({ host }) => host)).toEqual([
      'gone',
      'no-login',
      'no-shell',
      'unknown-key',
      'web-2',
    ]);
    const leftovers = await lab.context.db.selectFrom('fact_leftover').selectAll().execute();
    expect(leftovers).toEqual([]);
  },
);

test.skipIf(!sshd)(title('an exception is signed and ends; an examined host needs none'), async () => {
  const until = new Date(Date.now() + 5 * 24 * 3_600_000);
  const input = { reason: 'the appliance has no shell', approver: 'dana', until };
  const incidentId = lab.incident.id;
  const { ledgerSeq } = await exceptHost(lab.context, incidentId, 'no-shell', input);
  expect((await lab.context.ledger.entry(ledgerSeq)).data).toMatchObject({
    host: 'no-shell',
    was: 'refused',
    dsse: {},
  });
  const census = await countSystems(lab.context.db, incidentId);
  expect(census).toMatchObject({
    total: 9,
    examined: 6,
    refused: 2,
    excepted: 1,
    outstanding: 2,
    unfinished: 0,
  });
  expect(
    census.examined +
      census.partial +
      census.refused +
      census.unreachable +
      census.notAttempted +
      census.excepted,
  ).toBe(census.total);
  await lab.context.db
    .updateTable('host_exception')
    .set({ until: new Date(0) })
    .execute();
  expect(await countSystems(lab.context.db, incidentId)).toMatchObject({
    excepted: 0,
    refused: 3,
    outstanding: 3,
  });
  await expect(exceptHost(lab.context, incidentId, 'web-1', input)).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(
    exceptHost(lab.context, incidentId, 'no-shell', { ...input, until: new Date(Date.now() + 1e12) }),
  ).rejects.toMatchObject({ code: 'bad_input' });
  await expect(exceptHost(lab.context, incidentId, 'nobody', input)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test.skipIf(!sshd)(
  title('a later collection decides; paused hosts stay in line; cancelled ones stay outstanding'),
  async () => {
    const { id } = await createCollection(
      lab.context,
      lab.incident.id,
      what({ selection: { hosts: ['no-shell', 'web-?'] } }),
    );
    expect(await countSystems(lab.context.db, lab.incident.id)).toMatchObject({ notAttempted: 6 });
    await resumeCollection(lab.context, engine, id);
    await pauseCollection(lab.context, id);
    await expect
      .poll(async () => (await readProgress(lab.context.db, id, new Date())).status)
      .toMatch(/paused/);
    const paused = await readProgress(lab.context.db, id, new Date());
    expect(paused.pending + paused.done).toBe(6);
    await run(id);
    expect(await readProgress(lab.context.db, id, new Date())).toMatchObject({
      status: 'finished',
      census: { examined: 5, refused: 1 },
    });
    const { id: third } = await createCollection(lab.context, lab.incident.id, what());
    await cancelCollection(lab.context, third);
    expect(await readProgress(lab.context.db, third, new Date())).toMatchObject({
      status: 'cancelled',
      pending: 0,
      census: { notAttempted: 9, outstanding: 9 },
    });
    await expect(
      createCollection(lab.context, lab.incident.id, what({ selection: { roles: ['none'] } })),
    ).rejects.toMatchObject({ code: 'not_found' });
  },
);
