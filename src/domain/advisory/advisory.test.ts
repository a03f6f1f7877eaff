import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeFault, FirebreakError } from '../../kernel/errors.ts';
import { packageFile } from '../../kernel/paths.ts';
import {
  type Advisory,
  advisoryJsonSchema,
  checkAdvisory,
  firstOf,
  indicatorTypes,
  lastOf,
  loadShipped,
  readAdvisory,
} from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-advisory-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (text: string | Uint8Array, name = 'advisory.yaml'): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

const minimal = `firebreak-advisory: 1
id: acme-2030-01
supplier: { id: acme, name: Acme }
title: A breach
summary: Somebody read something.
references: []
windows:
  - id: first
    from: 2030-01-01
    to: 2030-01-02
    what: Read access.
    provenance: { source: "https://acme.example/report", kind: supplier }
    confidence: high
exposes:
  - class: password
    description: Passwords.
    where: support cases
    windows: [first]
    provenance: { source: "https://acme.example/report", kind: supplier }
indicators:
  - type: ipv4
    values: [192.0.2.1]
    provenance: { source: a newspaper, kind: secondary }
    confidence: low
actions:
  - { title: Rotate, kind: rotate, description: All of it. }
`;

const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('the shipped advisories', () => {
  let shipped: Advisory[];
  beforeAll(async () => {
    shipped = await loadShipped();
  });
  const byId = (id: string) => shipped.find((advisory) => advisory.id === id)!;
  const valuesOf = (id: string) => byId(id).indicators.flatMap((indicator) => indicator.values);

  it('are all there and pass their own check', () => {
    expect(shipped.map(({ id }) => id)).toEqual([
      'circleci-2023-01',
      'codecov-2021-04',
      'context-ai-2026-04',
      'gainsight-2025-11',
      'okta-2023-10',
      'reviewdog-2025-03',
      'salesloft-drift-2025-08',
      'shai-hulud-2-2025-11',
      'shai-hulud-2025-09',
      'snowflake-2024-05',
      'tj-actions-2025-03',
    ]);
  });

  it('hold as many indicators as were published', () => {
    const counts = Object.fromEntries(shipped.map(({ id }) => [id, valuesOf(id).length]));
    expect(counts).toEqual({
      'circleci-2023-01': 10,
      'codecov-2021-04': 2,
      'context-ai-2026-04': 1,
      'gainsight-2025-11': 2,
      'okta-2023-10': 18,
      'reviewdog-2025-03': 1,
      'salesloft-drift-2025-08': 24,
      'shai-hulud-2-2025-11': 2,
      'shai-hulud-2025-09': 3,
      'snowflake-2024-05': 2,
      'tj-actions-2025-03': 1,
    });
  });

  it("call high only what the supplier's own text says", () => {
    const rated = shipped.flatMap(({ windows, indicators }) => [...windows, ...indicators]);
    for (const { confidence, provenance } of rated)
      expect(confidence === 'high').toBe(provenance.kind === 'supplier');
  });

  it('keep both windows where two sources disagree', () => {
    expect(byId('tj-actions-2025-03').windows.map(({ from, to }) => [from, to])).toEqual([
      ['2025-03-12T00:00Z', '2025-03-15T12:00Z'],
      ['2025-03-14', '2025-03-15'],
    ]);
  });
});

describe('the format', () => {
  it('has a committed JSON Schema', async () => {
    const committed = await readFile(packageFile('src/domain/advisory/advisory.schema.json'), 'utf8');
    expect(JSON.parse(committed)).toEqual(advisoryJsonSchema());
  });

  it('is the one that the README shows', async () => {
    const readme = await readFile(packageFile('src/domain/advisory/README.md'), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(await checkAdvisory(await write(example))).toEqual([]);
    for (const type of indicatorTypes) expect(readme).toContain(`\`${type}\``);
  });

  it('reads a good file as it stands', async () => {
    const advisory = await readAdvisory(await write(minimal));
    expect(advisory.windows[0]).toMatchObject({ id: 'first', from: '2030-01-01', to: '2030-01-02' });
    expect(await checkAdvisory(await write(minimal))).toEqual([]);
  });

  it('takes windows without bound at either end', async () => {
    const open = minimal.replace('from: 2030-01-01', 'from: null').replace('to: 2030-01-02', 'to: null');
    expect(await checkAdvisory(await write(open))).toEqual([]);
  });

  it('names line and field of every fault at once, contradictions between fields too', async () => {
    const bad = minimal
      .replace('id: acme-2030-01', 'id: Acme 2030')
      .replace('from: 2030-01-01', 'from: 2030-01-03')
      .replace('windows: [first]', 'windows: [first, second]')
      .replace('class: password', 'class: passwords')
      .replace('values: [192.0.2.1]', 'values: [192.0.2.300, 192.0.2.7, 192.0.2.7]')
      .replace('kind: rotate,', 'kind: burn, extra: 1,')
      .replace('title: A breach\n', '');
    const file = await write(bad);
    const found = (await checkAdvisory(file)).map(({ line, field }) => [field, line]);
    expect(found).toHaveLength(9);
    expect(found).toEqual(
      expect.arrayContaining([
        ['id', 2],
        ['title', 1],
        ['windows[0].to', lineOf(bad, 'to: 2030')],
        ['exposes[0].class', lineOf(bad, 'class:')],
        ['exposes[0].windows[1]', lineOf(bad, 'windows: [first')],
        ['indicators[0].values[0]', lineOf(bad, 'values:')],
        ['indicators[0].values[2]', lineOf(bad, 'values:')],
        ['actions[0].kind', lineOf(bad, 'kind: burn')],
        ['actions[0].extra', lineOf(bad, 'extra:')],
      ]),
    );
  });

  it.each([
    ['ipv4', '192.0.2.1', '192.0.2.256'],
    ['ipv4', '192.0.2.1', '2001:db8::1'],
    ['ipv4-range', '192.0.2.0/24', '192.0.2.0/33'],
    ['ipv4-range', '192.0.2.3-192.0.2.5', '192.0.2.5-192.0.2.3'],
    ['ipv4-range', '192.0.2.9-192.0.2.10', '192.0.2.9-10'],
    ['domain', 'potrax.example', 'https://potrax.example'],
    ['domain', 'a-b.example', '-a.example'],
    ['sha256', 'ab'.repeat(32), 'ab'.repeat(31)],
    ['sha256', '01'.repeat(32), 'AB'.repeat(32)],
    ['commit', 'ab'.repeat(20), 'abc1234'],
    ['file-name', 'evil.yml', '../evil.yml'],
    ['url', 'https://collector.example/x', 'javascript:alert(1)'],
    ['oauth-client', '123-abc.apps.example', 'two words'],
    ['user-agent', 'curl/8.0', '"bell \\u0007"'],
    ['client-name', 'rapeflake', '""'],
  ])('takes %s %s and refuses %s', async (type, good, bad) => {
    const withValue = (value: string) =>
      minimal.replace('type: ipv4', `type: ${type}`).replace('192.0.2.1]', `${value}]`);
    // A domain of digits and dots must stay text in YAML, as must hexadecimal digits that look like a number.
    expect(await checkAdvisory(await write(withValue(`"${good}"`)))).toEqual([]);
    const faults = await checkAdvisory(await write(withValue(bad.startsWith('"') ? bad : `"${bad}"`)));
    expect(faults.map(({ field }) => field)).toContain('indicators[0].values[0]');
  });

  it('says which indicator types there are', async () => {
    const [fault] = await checkAdvisory(await write(minimal.replace('type: ipv4', 'type: ip')));
    expect(fault).toMatchObject({ field: 'indicators[0].type' });
    expect(fault?.expected).toContain('ipv4-range');
  });

  it.each([
    '2030-02-30',
    '2030-13-01',
    '2030-01-01T24:30Z',
    '2030-01-01T10:00',
    '2030-01-01T10:00+01:00',
    'soon',
  ])('refuses %s as a time', async (moment) => {
    const faults = await checkAdvisory(await write(minimal.replace('from: 2030-01-01', `from: "${moment}"`)));
    expect(faults).toMatchObject([{ field: 'windows[0].from', line: 9 }]);
  });

  it('counts a moment from its first to its last millisecond', () => {
    expect(firstOf('2023-09-28').toISOString()).toBe('2023-09-28T00:00:00.000Z');
    expect(lastOf('2023-10-17').toISOString()).toBe('2023-10-17T23:59:59.999Z');
    expect(lastOf('2025-03-11T20:31Z').toISOString()).toBe('2025-03-11T20:31:59.999Z');
    expect(lastOf('2025-03-11T20:31:07Z').toISOString()).toBe('2025-03-11T20:31:07.999Z');
  });
});

describe('bad input', () => {
  const faultOf = async (content: string | Uint8Array): Promise<string> => {
    const file = await write(content);
    const [fault] = await checkAdvisory(file);
    return describeFault(fault!).replace(file, 'FILE');
  };

  it('is named for what it is', async () => {
    expect(await faultOf('')).toBe('FILE:1: expected a document, got an empty file');
    expect(await faultOf('- a\n- list\n')).toMatch(/^FILE:1:1: expected object/);
    expect(await faultOf(minimal.slice(0, minimal.indexOf('Rotate')))).toMatch(
      /^FILE:2\d:\d+: expected valid YAML/,
    );
    expect(await faultOf(`${minimal}id: acme-2030-02\n`)).toMatch(
      /^FILE:27:1: expected valid YAML, got .*unique/,
    );
    expect(await faultOf(Buffer.from(minimal, 'utf16le'))).toMatch(/^FILE:1/);
    expect(await faultOf(Buffer.concat([Buffer.from('id: a\ntitle: "'), Buffer.from([0xff])]))).toMatch(
      /^FILE:2: expected UTF-8 text/,
    );
    expect(await faultOf(minimal.replace('A breach', '"\\u001b[2J wiped"'))).toMatch(
      /^FILE:4:\d+: title: expected text without/,
    );
    expect(await faultOf(`x: "${'a'.repeat(9 * 1024 * 1024)}"`)).toMatch(/^FILE: expected at most \d+ bytes/);
  });

  it('that can not be read at all is thrown', async () => {
    await expect(checkAdvisory(join(folder, 'nothing.yaml'))).rejects.toThrow(FirebreakError);
    await expect(checkAdvisory(folder)).rejects.toThrow(FirebreakError);
  });

  it('of more faults than are listed says so', async () => {
    const many = `${minimal}${Array.from({ length: 150 }, (_, index) => `extra-${index}: 1\n`).join('')}`;
    const faults = await checkAdvisory(await write(many));
    expect(faults).toHaveLength(101);
    expect(faults.at(-1)?.expected).toContain('100 faults');
  });

  it('of any shape ends in faults, never in another error', async () => {
    const word = fc.constantFrom(
      'windows',
      'exposes',
      'indicators',
      'values',
      'from',
      'to',
      'id',
      'type',
      'class',
      'x',
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 1, true, '2030-01-01', 'ipv4', 'first', ''),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(word, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        const faults = await checkAdvisory(await write(JSON.stringify(value), 'any.json'));
        expect(faults.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
