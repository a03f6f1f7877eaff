/** Indicators against a real lake: every kind, in columns and in raw records, and what only looks like them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyLake, insertEvents, type TestEvent } from '../../../test/lab/lake.ts';
import type { Lake } from '../../lake/index.ts';
import type { Indicator } from '../advisory/index.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';
import { numberOf, rangeOf } from './indicators/addresses.ts';
import { huntIndicators } from './indicators.ts';
import { listFindings, listRuns } from './store.ts';

let lab: HuntLab;
beforeAll(async () => {
  lab = await openHuntLab();
});
afterAll(() => lab?.close());
beforeEach(() => emptyLake(lab.lake));

const from = new Date('2023-11-14T00:00:00Z');
const to = new Date('2023-11-14T01:00:00Z');
const time = '2023-11-14T00:30:00Z';

const indicator = (type: Indicator['type'], ...values: string[]): Indicator => ({
  type,
  values,
  provenance: { source: 'test', kind: 'supplier' },
  confidence: 'high',
});

const hunt = (indicators: Indicator[], extra: object = {}) =>
  huntIndicators(lab.context, {
    incidentId: lab.incident.id,
    advisories: [{ id: 'test-advisory', indicators }],
    period: { from, to },
    sources: [],
    ...extra,
  });

/** The lines of one file in which one indicator is seen. */
async function linesOf(one: Indicator, events: TestEvent[]): Promise<number[]> {
  await lab.lake.run('TRUNCATE TABLE events');
  await insertEvents(
    lab.lake,
    events.map((event) => ({ time, ...event })),
  );
  const { results } = await hunt([one]);
  return results.flatMap(({ sightings }) => sightings.map(({ event }) => event.line)).sort((a, b) => a - b);
}

const kinds: [type: Indicator['type'], value: string, hits: TestEvent[], others: TestEvent[]][] = [
  [
    'ipv4',
    '198.51.100.7',
    [
      { src_ip: '198.51.100.7' },
      { dst_ip: '198.51.100.7' },
      { src_ip: '::ffff:198.51.100.7' },
      { raw: '{"ip":"198.51.100.7"}' },
      { raw: 'connect to 198.51.100.7:443 refused' },
      { raw: 'ended at 198.51.100.7.' },
    ],
    [
      { src_ip: '198.51.100.70' },
      { src_ip: '' },
      { raw: '198.51.100.70' },
      { raw: '1198.51.100.7' },
      { raw: '198.51.100.7.9' },
    ],
  ],
  [
    'ipv4-range',
    '198.51.100.0/30',
    [{ src_ip: '198.51.100.0' }, { src_ip: '198.51.100.3' }, { raw: 'from 198.51.100.2 port 22' }],
    [{ src_ip: '198.51.100.4' }, { src_ip: '198.51.99.255' }, { raw: '198.51.100.4' }],
  ],
  [
    'domain',
    'evil.example',
    [
      { src_hostname: 'evil.example' },
      { http_url: 'https://cdn.evil.example/a' },
      { http_url: 'https://EVIL.example:8443/' },
      { query_text: 'evil.example.' },
      { raw: '{"url":"https:\\/\\/evil.example\\/x"}' },
      { raw: 'u=https%3A%2F%2Fevil.example%2Fx' },
    ],
    [
      { src_hostname: 'not-evil.example' },
      { src_hostname: 'evil.example.org' },
      { http_url: 'https://a.example/evil.examples' },
      { raw: 'xevil.example' },
    ],
  ],
  [
    'sha256',
    'bdd1a085d651082ad567b03e5186d1d46d822bb7794157ab8cce95d850a3caaf',
    [
      { file_sha256: 'bdd1a085d651082ad567b03e5186d1d46d822bb7794157ab8cce95d850a3caaf' },
      { raw: 'sha256:BDD1A085D651082AD567B03E5186D1D46D822BB7794157AB8CCE95D850A3CAAF' },
    ],
    [{ raw: 'bdd1a085d651082ad567b03e5186d1d46d822bb7794157ab8cce95d850a3caaf0' }],
  ],
  [
    'commit',
    '0123456789abcdef0123456789abcdef01234567',
    [
      { resource_uid: '0123456789abcdef0123456789abcdef01234567' },
      { raw: '{"sha":"0123456789abcdef0123456789abcdef01234567"}' },
    ],
    [{ raw: '{"sha":"a0123456789abcdef0123456789abcdef01234567"}' }],
  ],
  [
    'user-agent',
    'python-requests/2.31 (evil)',
    [{ http_user_agent: 'Python-Requests/2.31 (EVIL)' }, { raw: '{"ua":"python-requests\\/2.31 (evil)"}' }],
    [{ http_user_agent: 'python-requests/2.32 (evil)' }, { raw: 'python-requests' }],
  ],
  [
    'client-name',
    'Drift Exporter',
    [{ actor_app_name: 'drift exporter' }, { raw: '{"app":"Drift Exporter"}' }],
    [{ actor_app_name: 'Drift' }],
  ],
  [
    'file-name',
    'jvm-agent',
    [
      { file_path: '/opt/jira/temp/jvm-agent' },
      { process_cmd_line: './jvm-agent -d' },
      { raw: 'name="/tmp/jvm-agent" nametype=CREATE' },
    ],
    [
      { file_path: '/opt/jira/temp/jvm-agent2' },
      { file_path: '/opt/my-jvm-agent' },
      { raw: 'jvm-agent.jar' },
    ],
  ],
  [
    'url',
    'https://evil.example/a?b=1',
    [{ http_url: 'https://evil.example/a?b=1' }, { raw: '{"u":"https:\\/\\/evil.example\\/a?b=1"}' }],
    [{ http_url: 'https://evil.example/a' }],
  ],
  [
    'oauth-client',
    '3MVG9.client_id',
    [{ actor_credential_uid: '3MVG9.client_id' }, { raw: '{"client_id":"3MVG9.client_id"}' }],
    [{ raw: '{"client_id":"3MVG9.client_id2"}' }, { raw: '3MVG9xclient_id' }],
  ],
];

test.each(kinds)(
  '%s %s is found where it stands, and not in what resembles it',
  async (type, value, hits, others) => {
    const found = await linesOf(indicator(type, value), [...hits, ...others]);
    expect(found).toEqual(hits.map((_, index) => index + 1));
  },
);

test('IPv6 is compared as an address, whichever way it is written', async () => {
  const events = [
    { src_ip: '2001:db8::7' },
    { src_ip: '2001:0db8:0000:0000:0000:0000:0000:0007' },
    { src_ip: '2001:db8::70' },
    { src_ip: '2001:db9::7' },
  ];
  expect(await linesOf(indicator('ipv4', '2001:db8::7'), events)).toEqual([1, 2]);
  expect(await linesOf(indicator('ipv4-range', '2001:db8::/32'), events)).toEqual([1, 2, 3]);
  // A range that holds :: must not take every event without an address.
  expect(await linesOf(indicator('ipv4-range', '::/8'), [{ src_ip: '' }, { src_ip: '::5' }])).toEqual([2]);
});

test('a range is found in columns and in raw records, however many addresses it has', async () => {
  const raw = (text: string) => ({ raw: text });
  const events = [
    { src_ip: '203.0.113.255' },
    raw('from=203.0.112.0 x'),
    raw('{"ip":"203.0.127.255"}'),
    raw('%20203.0.120.9'),
    raw('203.0.111.255 and 203.0.128.0'),
    raw('203.0.120.256'),
    raw('1203.0.120.9, 203.0.120.9.1'),
    { dst_ip: '203.0.128.1' },
  ];
  expect(await linesOf(indicator('ipv4-range', '203.0.112.0/20'), events)).toEqual([1, 2, 3, 4]);
  expect(await linesOf(indicator('ipv4-range', '203.0.0.0/16'), events)).toEqual([1, 2, 3, 4, 5, 8]);
  expect(await linesOf(indicator('ipv4-range', '203.0.112.0-203.0.112.255'), events)).toEqual([2]);
});

test('of many indicators only those that may occur are looked for one by one: the same is found', async () => {
  await insertEvents(lab.lake, [
    { time, raw: 'GET https://d777.evil.example/ HTTP/1.1' },
    { time, raw: 'to D1.evil.example.' },
    { time, src_ip: '198.51.100.77' },
    { time, src_ip: '2001:db8:5::1' },
    { time, raw: 'peer 192.0.2.200' },
    { time, raw: `sha256=${'a1'.repeat(32)}` },
    { time, file_path: '/tmp/jvm-agent', src_ip: '192.0.2.1' },
    { time, raw: 'notd778.evil.examples 198.51.1.7' },
  ]);
  const many = [
    ...Array.from({ length: 2_500 }, (_, n) => indicator('domain', `d${n}.evil.example`)),
    ...Array.from({ length: 300 }, (_, n) =>
      indicator('sha256', n === 7 ? 'a1'.repeat(32) : n.toString(16).padStart(4, '0') + 'b'.repeat(60)),
    ),
    indicator('ipv4-range', '198.51.100.0/24'),
    indicator('ipv4-range', '2001:db8:5::/48'),
    indicator('ipv4-range', '192.0.2.128/25'),
    indicator('ipv4-range', '10.0.0.0/8'),
    indicator('file-name', 'jvm-agent'),
    indicator('file-name', 'other-agent'),
  ];
  const statements: string[] = [];
  const counting: Lake = {
    ...lab.lake,
    rows: (sql, parameters, bounds) => {
      if (/FROM events/.test(sql) && /raw/.test(sql)) statements.push(sql);
      return lab.lake.rows(sql, parameters, bounds);
    },
  };
  const input = {
    incidentId: lab.incident.id,
    advisories: [{ id: 'x', indicators: many }],
    period: { from, to },
    sources: [],
  };
  const { results } = await huntIndicators({ ...lab.context, lake: async () => counting }, input);
  const seen = (all: typeof results) =>
    all
      .filter(({ verdict }) => verdict === 'seen')
      .map(({ id, sightings }) => [id, sightings.map(({ event }) => event.line)]);
  const wanted = [
    ['ioc:domain:d1.evil.example', [2]],
    ['ioc:domain:d777.evil.example', [1]],
    [`ioc:hash:${'a1'.repeat(32)}`, [6]],
    ['ioc:address:198.51.100.0/24', [3]],
    ['ioc:address:2001:db8:5::/48', [4]],
    ['ioc:address:192.0.2.128/25', [5]],
    ['ioc:file-name:jvm-agent', [7]],
  ];
  expect(seen(results)).toEqual(wanted);
  expect(results).toHaveLength(many.length);
  // One that tells which may occur, one that finds them.
  expect(statements).toHaveLength(2);
  // What can not be looked for everywhere says so, though it may not occur.
  expect(results.find(({ id }) => id === 'ioc:address:10.0.0.0/8')?.notes).toHaveLength(1);
});

test('SQL and patterns in an indicator are text', async () => {
  const hostile = "x' OR 1=1 -- .* {a:String} \\";
  const events = [{ http_user_agent: hostile }, { http_user_agent: 'innocent' }];
  expect(await linesOf(indicator('user-agent', hostile), events)).toEqual([1]);
});

test('sightings become findings once, however often they are looked for', async () => {
  await insertEvents(lab.lake, [
    { time, source: 'okta', src_ip: '192.0.2.66', actor_user_name: 'eve', event_code: 'user.session.start' },
    { time, source: 'jira', src_ip: '192.0.2.66', actor_user_name: 'eve' },
    { time, source: 'jira', src_ip: '192.0.2.1' },
  ]);
  const first = await hunt([indicator('ipv4', '192.0.2.66')]);
  expect(first.tally).toEqual({ found: 2, added: 2 });
  expect(first.results[0]).toMatchObject({ verdict: 'seen', events: 2, severity: 'high' });
  const again = await hunt([indicator('ipv4', '192.0.2.66')]);
  expect(again.tally).toEqual({ found: 2, added: 0 });
  const findings = await listFindings(lab.context.db, {
    incidentId: lab.incident.id,
    rule: 'ioc:address:192.0.2.66',
    limit: 10,
  });
  expect(findings).toHaveLength(2);
  expect(findings.map(({ event }) => [event.source, event.line, event.actor])).toContainEqual([
    'okta',
    1,
    'eve',
  ]);
  const [run] = (await listRuns(lab.context.db, lab.incident.id, 'ioc')).slice(-1);
  expect(run).toMatchObject({ finishedAt: expect.any(Date), found: 2, added: 0 });
  const kindsWritten = (
    await lab.context.ledger.list({ incidentId: lab.incident.id, subject: run?.id ?? '', limit: 10 })
  ).map(({ kind }) => kind);
  expect(kindsWritten).toEqual(['hunt.ioc.started', 'hunt.ioc.finished']);
});

test('not seen is said with full coverage only', async () => {
  const minutes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      time: new Date(from.getTime() + index * 60_000).toISOString(),
      source: 'a',
      src_ip: '192.0.2.1',
    }));
  const none = await hunt([indicator('domain', 'evil.example')]);
  expect(none.results[0]?.verdict).toBe('cannot-be-ruled-out');
  expect(none.doubts).toEqual(['no log was ingested']);
  await insertEvents(lab.lake, minutes(61));
  const full = await hunt([indicator('domain', 'evil.example')]);
  expect(full).toMatchObject({ doubts: [], outstanding: [] });
  expect(full.results[0]?.verdict).toBe('not-seen');
  // A source that must be there and is not takes the no away again.
  const missing = await hunt([indicator('domain', 'evil.example')], {
    expected: [{ source: 'okta', why: 'firebreak.yaml expects it' }],
  });
  expect(missing.results[0]?.verdict).toBe('cannot-be-ruled-out');
  expect(missing.outstanding[0]?.why).toContain('okta: no events came');
  // A range too wide for text is looked for in columns alone, and so its no is none.
  const wide = await hunt([indicator('ipv4-range', '10.0.0.0/8')]);
  expect(wide.results[0]?.verdict).toBe('cannot-be-ruled-out');
});

test('STIX bundles: patterns are read or refused with the reason', async () => {
  const file = join(lab.domain.folder, 'bundle.json');
  const one = (id: string, pattern: string, extra: object = {}) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${id}`,
    name: id,
    pattern,
    pattern_type: 'stix',
    valid_from: '2023-01-01T00:00:00Z',
    ...extra,
  });
  await writeFile(
    file,
    JSON.stringify({
      type: 'bundle',
      id: 'bundle--1',
      objects: [
        { type: 'malware', id: 'malware--1', name: 'x' },
        one('either', "[ipv4-addr:value = '192.0.2.66' OR domain-name:value = 'evil.example']"),
        one('both', "[file:name = 'jvm-agent' AND ipv4-addr:value ISSUBSET '192.0.2.0/24']"),
        one('hash', `[file:hashes.'SHA-256' = '${'a'.repeat(64)}']`),
        one('like', "[process:command_line LIKE '%curl %idowall%']", { confidence: 90 }),
        one('not', "[ipv4-addr:value != '192.0.2.66']"),
        one('followed', "[ipv4-addr:value = '192.0.2.66'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.67']"),
        one('yara', 'rule x { }', { pattern_type: 'yara' }),
        one('old', "[ipv4-addr:value = '192.0.2.66']", { revoked: true }),
        one('broken', "[ipv4-addr:value = '192.0.2"),
      ],
    }),
  );
  await insertEvents(lab.lake, [
    { time, src_ip: '192.0.2.66' },
    { time, http_url: 'https://evil.example/' },
    { time, src_ip: '192.0.2.5', file_path: '/tmp/jvm-agent' },
    { time, src_ip: '203.0.113.5', file_path: '/tmp/jvm-agent' },
    { time, process_cmd_line: 'curl -o x https://idowall.com' },
  ]);
  const { results, unread } = await hunt([], { stixFiles: [file] });
  const seen = Object.fromEntries(
    results.map(({ title, sightings }) => [title, sightings.map(({ event }) => event.line).sort()]),
  );
  expect(seen).toEqual({ either: [1, 2], both: [3], hash: [], like: [5] });
  expect(unread.map(({ what, why }) => [what, why])).toEqual([
    ['not', expect.stringContaining('negation')],
    ['followed', expect.stringContaining('FOLLOWEDBY')],
    ['yara', expect.stringContaining('yara')],
    ['old', expect.stringContaining('revoked')],
    ['broken', expect.any(String)],
  ]);
  await expect(hunt([], { stixFiles: [join(lab.domain.folder, 'firebreak.yaml')] })).rejects.toMatchObject({
    code: expect.stringMatching(/bad_input|not_found/),
  });
});

test('a batch of indicators is one pass over the events', async () => {
  await insertEvents(lab.lake, [{ time, src_ip: '192.0.2.66' }]);
  const statements: string[] = [];
  const counting: Lake = {
    ...lab.lake,
    rows: (sql, parameters, bounds) => {
      if (sql.includes('AS hits')) statements.push(sql);
      return lab.lake.rows(sql, parameters, bounds);
    },
  };
  const many = Array.from({ length: 100 }, (_, index) => indicator('domain', `d${index}.example`));
  const report = await huntIndicators(
    { ...lab.context, lake: async () => counting },
    {
      incidentId: lab.incident.id,
      advisories: [{ id: 'x', indicators: [...many, indicator('ipv4', '192.0.2.66')] }],
      period: { from, to },
      sources: [],
    },
  );
  expect(statements).toHaveLength(1);
  expect(report.results.filter(({ verdict }) => verdict === 'seen').map(({ id }) => id)).toEqual([
    'ioc:address:192.0.2.66',
  ]);
});

test('addresses as numbers: a range holds what lies between its ends', () => {
  const v4 = fc.ipV4();
  const v6 = fc.ipV6();
  fc.assert(
    fc.property(fc.oneof(v4, v6), (address) => {
      const range = rangeOf(address);
      expect(range?.size).toBe(1n);
      expect(numberOf(range?.first ?? '')).toBe(numberOf(address));
    }),
  );
  fc.assert(
    fc.property(v4, fc.integer({ min: 0, max: 32 }), (address, bits) => {
      const range = rangeOf(`${address}/${bits}`);
      const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      const size = 2 ** (32 - bits);
      const first = Math.floor(value / size) * size;
      expect(range?.size).toBe(BigInt(size));
      expect(Number((numberOf(range?.first ?? '') ?? 0n) & 0xffffffffn)).toBe(first);
    }),
  );
  for (const wrong of [
    '',
    'x',
    '1.2.3',
    '1.2.3.4/33',
    '2001:db8::/129',
    '1.2.3.4/x',
    '1.2.3.5-1.2.3.4',
    'fe80::1%eth0',
  ])
    expect(rangeOf(wrong), wrong).toBeUndefined();
});
