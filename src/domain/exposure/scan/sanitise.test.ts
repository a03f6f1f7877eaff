import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fingerprinter } from '../../../kernel/hash.ts';
import { encodedEntryWith, entryWith, harWith, makeSecrets } from './__fixtures__/har.ts';
import { type Hit, type SanitiseResult, sanitiseHar, scanPaths } from './index.ts';
import { Redactor } from './redactor.ts';

const fingerprinter = new Fingerprinter(new Uint8Array(32).fill(7));
const { signal } = new AbortController();

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanitise-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Sanitised {
  result: SanitiseResult;
  text: string;
  log: { entries: Record<string, unknown>[]; [key: string]: unknown };
  hits: Hit[];
}

async function sanitise(content: string | Buffer): Promise<Sanitised> {
  const [inFile, outFile] = [join(folder, 'in.har'), join(folder, 'out.har')];
  await writeFile(inFile, content);
  await rm(outFile, { force: true });
  const result = await sanitiseHar(inFile, outFile, { fingerprinter, signal });
  const text = await readFile(outFile, 'utf8');
  const hits: Hit[] = [];
  for await (const event of scanPaths([outFile], { fingerprinter, signal, threads: 0 })) {
    if (event.type === 'hit') hits.push(event.hit);
    expect(event.type).not.toBe('error');
  }
  return { result, text, log: JSON.parse(text).log, hits };
}

/** The ways in which a value may stand in a file. */
const forms = (value: string): string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  JSON.stringify(JSON.stringify(value)).slice(3, -3),
  encodeURIComponent(value),
  encodeURIComponent(encodeURIComponent(value)),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
];

/** All text of the file, with its percent signs, base64 and backslashes undone. */
function opened({ text }: Sanitised): string {
  const plain = text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  );
  const decoded = (text.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? []).map((run) =>
    Buffer.from(run, 'base64').toString(),
  );
  return flat([text, plain, plain.replaceAll('+', ' '), ...decoded].join('\n'));
}

/** However often text was put into JSON: without backslashes it is the same. */
const flat = (text: string): string => text.replaceAll('\\', '');

test('no secret is left, in any form, and the scan finds none', async () => {
  const secrets = makeSecrets();
  const sanitised = await sanitise(harWith(secrets, 2));
  expect(sanitised.hits).toEqual([]);
  const all = opened(sanitised);
  for (const [place, secret] of Object.entries(secrets))
    for (const form of forms(secret)) expect(all, place).not.toContain(flat(form));
  expect(sanitised.result).toMatchObject({
    entries: 2,
    dropped: 0,
    errors: [],
    secrets: Object.keys(secrets).length,
  });
});

test('what is no secret stays, and the file is the HAR file that it was', async () => {
  const secrets = makeSecrets();
  const { log } = await sanitise(harWith(secrets));
  const before = entryWith(secrets, 1);
  const [after] = log.entries;
  expect(log).toMatchObject({ version: '1.2', creator: { name: 'test', version: '1' } });
  const shape = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shape)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]))
        : typeof value;
  expect(shape(after)).toEqual(shape(JSON.parse(JSON.stringify(before))));
  expect(after).toMatchObject({
    startedDateTime: '2023-10-18T10:00:00.000Z',
    time: 12.5,
    response: { status: 200 },
  });
  const mark = (kind: string, secret: string): string =>
    `[redacted:${kind}:${fingerprinter.ofText(secret).slice(6, 14)}]`;
  const headers = (after as { request: { headers: { value: string }[] } }).request.headers;
  expect(headers[0]?.value).toBe(`theme=dark; sid=${mark('cookie', secrets.cookie)}`);
  expect(headers[1]?.value).toBe(`Bearer ${mark('authorization-bearer', secrets.bearer)}`);
  expect(headers[2]?.value).toBe(`Basic ${mark('authorization-basic', secrets.basic)}`);
});

test('a secret goes from every entry of the file, also where it is not recognised', async () => {
  const secrets = makeSecrets();
  const other = {
    request: { url: `https://a.example/x/${secrets.cookie}/y`, headers: [] },
    response: { content: { text: `before ${secrets.bearer.slice(0, 4)} ${secrets.apiKey} after` } },
    [`_${secrets.github}`]: 1,
  };
  const { text } = await sanitise(
    JSON.stringify({ log: { version: '1.2', entries: [other, entryWith(secrets)] } }),
  );
  for (const secret of [secrets.cookie, secrets.apiKey, secrets.github]) expect(text).not.toContain(secret);
  expect(text).toMatch(/a\.example\/x\/\[redacted:cookie:[\w-]{8}\]\/y/);
});

test('a secret goes in each form in which it may be written', async () => {
  const value = 'aB1/+="& \\é9Zx';
  const login = {
    request: { postData: { mimeType: 'application/json', text: JSON.stringify({ password: value }) } },
  };
  const odd = forms(value).map((form) => ({ _note: `x ${form} y` }));
  const { text, result } = await sanitise(
    JSON.stringify({ log: { version: '1.2', entries: [...odd, login] } }),
  );
  expect(result).toMatchObject({ entries: odd.length + 1, secrets: 1 });
  expect(text.match(/x \[redacted:json-field:[\w-]{8}\]=? y/g)).toHaveLength(odd.length);
});

test('short secrets go where they stand alone, and only in their entry', async () => {
  const login = {
    startedDateTime: '2023-10-18T10:00:00Z',
    request: {
      url: 'https://a.example/',
      postData: { mimeType: 'application/json', text: '{"password":"2023x"}' },
    },
    response: { content: { text: 'welcome 2023x in 12023x4' } },
  };
  const other = { request: { url: 'https://a.example/2023x' } };
  const { text } = await sanitise(JSON.stringify({ log: { version: '1.2', entries: [login, other] } }));
  expect(text).toMatch(/welcome \[redacted:json-field:[\w-]{8}\] in 12023x4/);
  expect(text).toContain('https://a.example/2023x');
  expect(text).toContain('2023-10-18T10:00:00Z');
});

test('entries that are broken are left out and named; truncated files end well', async () => {
  const secrets = makeSecrets();
  const text = `{"log":{"version":"1.2","entries":[${JSON.stringify(entryWith(secrets))},\n{"request":{"password":"${secrets.github}"}},,{"startedDateTime":12.5.1,"x":"${secrets.apiKey}"},\n${JSON.stringify(encodedEntryWith(secrets)).slice(0, 200)}`;
  const sanitised = await sanitise(text);
  expect(sanitised.log.entries).toHaveLength(2);
  expect(sanitised.result.errors.map(({ entry, line }) => [entry, line])).toEqual([
    [4, 3],
    [undefined, 1],
    [3, 2],
  ]);
  expect(sanitised.result.dropped).toBe(2);
  expect(opened(sanitised)).not.toContain(secrets.apiKey);
});

test('nothing is written over a file, or for what is no HAR file', async () => {
  const [inFile, outFile] = [join(folder, 'in.har'), join(folder, 'out.har')];
  await writeFile(inFile, harWith(makeSecrets()));
  await writeFile(outFile, 'mine');
  await expect(sanitiseHar(inFile, outFile, { fingerprinter, signal })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await readFile(outFile, 'utf8')).toBe('mine');
  await writeFile(inFile, 'just text');
  await expect(sanitiseHar(inFile, join(folder, 'b.har'), { fingerprinter, signal })).rejects.toMatchObject({
    code: 'bad_input',
  });
  await expect(
    sanitiseHar(join(folder, 'none'), join(folder, 'b.har'), { fingerprinter, signal }),
  ).rejects.toMatchObject({ code: 'bad_input' });
  await writeFile(inFile, harWith(makeSecrets()));
  await expect(
    sanitiseHar(inFile, join(folder, 'c.har'), { fingerprinter, signal: AbortSignal.abort() }),
  ).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['in.har', 'out.har']);
});

test('whatever holds the secrets, none is left (property)', async () => {
  const secret = fc
    .string({ unit: fc.constantFrom(...'abcdefXYZ0123456789/+=&"\\%é '), minLength: 10, maxLength: 40 })
    .map((text) => `a1${text.trim()}Z9`);
  const wrap = fc.constantFrom<(value: string) => object>(
    (value) => ({
      request: {
        url: 'https://a.example/',
        postData: { mimeType: 'application/json', text: JSON.stringify({ password: value }) },
      },
    }),
    (value) => ({ request: { url: `https://a.example/?password=${encodeURIComponent(value)}` } }),
    (value) => ({
      request: {
        headers: [
          { name: 'Proxy-Authorization', value: `Basic ${Buffer.from(`u:${value}`).toString('base64')}` },
        ],
      },
    }),
    (value) => ({
      response: {
        content: {
          encoding: 'base64',
          text: Buffer.from(JSON.stringify({ password: value })).toString('base64'),
        },
      },
    }),
    (value) => ({
      response: {
        content: {
          text: JSON.stringify({ data: JSON.stringify({ data: JSON.stringify({ password: value }) }) }),
        },
      },
    }),
    (value) => ({
      response: {
        content: { text: `blob ${Buffer.from(JSON.stringify({ password: value })).toString('base64')}` },
      },
    }),
    (value) => ({ _custom: { password: value, copy: [value, { [value]: value }] } }),
    (value) => ({
      request: {
        postData: {
          mimeType: 'application/x-www-form-urlencoded',
          text: new URLSearchParams({
            password: value,
            note: JSON.stringify({ password: value }),
          }).toString(),
        },
      },
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(wrap, secret), { minLength: 1, maxLength: 5 }), async (list) => {
      const entries = list.map(([make, value]) => make(value));
      const sanitised = await sanitise(JSON.stringify({ log: { version: '1.2', entries } }));
      expect(sanitised.hits).toEqual([]);
      expect(sanitised.result.entries + sanitised.result.dropped).toBe(list.length);
      const all = opened(sanitised);
      for (const [, value] of list) expect(all).not.toContain(flat(value));
    }),
    { numRuns: 150 },
  );
});

test('the redactor replaces the longest of what it knows, once, in one pass', () => {
  const redactor = new Redactor();
  redactor.add('secret-one', '[1]');
  redactor.add('secret-one-and-more', '[2]');
  redactor.add('a1b2', '[3]');
  expect(redactor.replaceIn('secret-one secret-one-and-more xsecret-onex a1b2 xa1b2 a1b2.')).toBe(
    '[1] [2] x[1]x [3] xa1b2 [3].',
  );
  expect(redactor.replaceIn('secret-on')).toBe('secret-on');
  expect(redactor.replaceIn('')).toBe('');
});
