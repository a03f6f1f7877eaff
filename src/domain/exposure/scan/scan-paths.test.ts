import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fingerprinter } from '../../../kernel/hash.ts';
import { limits } from '../../../kernel/limits.ts';
import { packageFile } from '../../../kernel/paths.ts';
import { Secret } from '../../../kernel/secret.ts';
import { encodedEntryWith, entryWith, harWith, makeSecrets, zipOf } from './__fixtures__/har.ts';
import type { Hit, ScanEvent, ScanOptions } from './index.ts';
import { scanPaths } from './index.ts';

const fingerprinter = new Fingerprinter(new Uint8Array(32).fill(7));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function scan(paths: string | string[], options: Partial<ScanOptions> = {}) {
  const events: ScanEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of scanPaths([paths].flat(), { fingerprinter, signal, threads: 0, ...options }))
    events.push(event);
  const of = <T extends ScanEvent['type']>(type: T) =>
    events.filter((event) => event.type === type) as Extract<ScanEvent, { type: T }>[];
  const hits = of('hit').map(({ hit }) => hit);
  return {
    events,
    hits,
    errors: of('error'),
    files: of('file'),
    progress: of('progress'),
    values: new Set(hits.map(({ secret }) => secret.reveal())),
  };
}

/** Where a value was found, without its file. */
const placesOf = (hits: readonly Hit[], value: string): string[] =>
  hits.filter(({ secret }) => secret.reveal() === value).map(({ place, kind }) => `${place}: ${kind}`);

describe('a HAR file', () => {
  test('gives every secret, each with its places', async () => {
    const secrets = makeSecrets();
    const { hits, errors, files, values } = await scan(await put('case.har', harWith(secrets, 2)));
    expect(errors).toEqual([]);
    expect(values).toEqual(new Set(Object.values(secrets)));
    expect(placesOf(hits, secrets.cookie)).toEqual([
      'entry 1 request header Cookie: cookie',
      'entry 1 request cookie sid: cookie',
    ]);
    expect(placesOf(hits, secrets.setCookie)).toEqual([
      'entry 1 response header Set-Cookie: set-cookie',
      'entry 1 response cookie session: set-cookie',
    ]);
    expect(placesOf(hits, secrets.bearer)).toEqual([
      'entry 1 request header Authorization: authorization-bearer',
    ]);
    expect(placesOf(hits, secrets.basic)).toEqual([
      'entry 1 request header Proxy-Authorization: authorization-basic',
    ]);
    expect(placesOf(hits, secrets.apiKey)).toEqual(['entry 1 request header X-Api-Key: api-key-header']);
    expect(placesOf(hits, secrets.github)).toEqual(['entry 1 request header X-Note: secretlint:github']);
    expect(placesOf(hits, secrets.urlToken)).toEqual([
      'entry 1 url: url-parameter',
      'entry 1 request query access_token: url-parameter',
    ]);
    expect(placesOf(hits, secrets.urlPassword)).toEqual(['entry 1 url: url-userinfo']);
    expect(placesOf(hits, secrets.formPassword)).toEqual([
      'entry 1 request body: form-field',
      'entry 1 request body field password: form-field',
    ]);
    expect(placesOf(hits, secrets.saml)).toEqual([
      'entry 1 request body: saml-assertion',
      'entry 1 request body field SAMLResponse: saml-assertion',
    ]);
    expect(placesOf(hits, secrets.jsonToken)).toEqual(['entry 1 response body: json-field']);
    expect(placesOf(hits, secrets.nestedSecret)).toEqual(['entry 1 response body: json-field']);
    expect(placesOf(hits, secrets.redirectToken)).toEqual(['entry 1 redirect url: url-parameter']);
    expect(placesOf(hits, secrets.socketToken)).toEqual(['entry 1 _webSocketMessages: json-field']);
    expect(placesOf(hits, secrets.multipart)).toEqual(['entry 2 request body: form-field']);
    expect(placesOf(hits, secrets.base64Secret)).toEqual(['entry 2 response body: json-field']);
    expect(placesOf(hits, secrets.pageToken)).toEqual(['line 11: url-parameter']);
    expect(files).toEqual([
      {
        type: 'file',
        file: join(folder, 'case.har'),
        format: 'har',
        bytes: expect.any(Number),
        hits: hits.length,
      },
    ]);
  });

  test('a hit tells what it knows, and never the secret', async () => {
    const secrets = makeSecrets();
    const { events, hits } = await scan(await put('case.har', harWith(secrets)));
    const bearer = hits.find(({ kind }) => kind === 'authorization-bearer');
    expect(bearer).toMatchObject({
      class: 'oauth-token',
      name: 'authorization',
      host: 'app.example',
      url: 'https://app.example:8443/api/1',
      account: 'alice@example.com',
      issuer: 'https://idp.example',
      subject: 'alice@example.com',
      expiresAt: new Date(1_700_000_000_000),
      observedAt: new Date('2023-10-18T10:00:00Z'),
      entry: 1,
      line: 1,
      places: 1,
    });
    expect(bearer?.fingerprint).toBe(fingerprinter.ofText(secrets.bearer));
    expect(bearer?.secret).toBeInstanceOf(Secret);
    expect(hits.find(({ kind }) => kind === 'set-cookie')?.expiresAt).toEqual(
      new Date('2023-10-18T10:01:00Z'),
    );
    expect(hits.find(({ kind }) => kind === 'authorization-basic')?.account).toBe('bob');
    const shown = JSON.stringify(events);
    for (const secret of Object.values(secrets)) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(shown).not.toContain(encodeURIComponent(secret));
    }
  });

  test('a value that stands in its own description is taken out of it', async () => {
    const secret = `tok${makeSecrets().apiKey}`;
    const entry = {
      request: {
        url: `https://${secret}:${secret}@a.example/${secret}/x`,
        headers: [{ name: `X-${secret}`, value: `Bearer ${secret}` }],
      },
    };
    const { events, hits } = await scan(
      await put('a.har', JSON.stringify({ log: { version: '1.2', entries: [entry] } })),
    );
    expect(hits.length).toBeGreaterThan(0);
    expect(JSON.stringify(events)).not.toContain(secret);
  });

  test('the same cookie in 10,000 entries is a few hits and a number', async () => {
    const entries = Array.from({ length: 10_000 }, () => ({
      request: { url: 'https://a.example/', headers: [{ name: 'cookie', value: 'sid=abcdefgh12345678' }] },
    }));
    const { hits } = await scan(await put('a.har', JSON.stringify({ log: { version: '1.2', entries } })));
    expect(hits).toHaveLength(limits.scanPlacesPerSecretMax);
    expect(hits[0]).toMatchObject({ place: 'entry 1 request header cookie', places: 10_000 });
  });

  test('broken entries are named with number and line; the rest is scanned, and they are too', async () => {
    const [first, second, third] = [makeSecrets(), makeSecrets(), makeSecrets()];
    const broken = JSON.stringify(entryWith(second)).replace('"time":12.5', '"time":12.5.1');
    const text = `{"log":{"version":"1.2","entries":[\n${JSON.stringify(entryWith(first))},\n${broken},\n${JSON.stringify(entryWith(third))}\n]}}`;
    const { errors, values } = await scan(await put('a.har', text));
    expect(errors).toMatchObject([
      {
        entry: 2,
        line: 3,
        message: expect.stringMatching(/^entry 2 is not valid JSON at its character \d+; scanned as text$/),
      },
    ]);
    const { pageToken: _p, multipart: _m, base64Secret: _b, ...inEntry } = first;
    for (const value of Object.values(inEntry)) expect(values).toContain(value);
    for (const key of ['bearer', 'apiKey', 'github', 'urlPassword', 'cookie', 'saml'] as const) {
      expect(values, key).toContain(second[key]);
      expect(values, key).toContain(third[key]);
    }
    expect(JSON.stringify(errors)).not.toContain(second.apiKey);
  });

  test('members of one name hide nothing', async () => {
    const [shown, hidden] = [makeSecrets(), makeSecrets()];
    const entry = JSON.stringify(entryWith(shown)).replace(
      /^\{/,
      `{"response":{"headers":[{"name":"X-Api-Key","value":"${hidden.apiKey}"}]},`,
    );
    const { errors, values } = await scan(
      await put('a.har', `{"log":{"version":"1.2","entries":[${entry}]}}`),
    );
    expect(errors).toMatchObject([{ entry: 1, message: 'entry 1 has duplicate keys; scanned as text too' }]);
    expect(values).toContain(hidden.apiKey);
    expect(values).toContain(shown.apiKey);
  });

  test('a truncated file gives what is there, and an error', async () => {
    const secrets = makeSecrets();
    const text = harWith(secrets);
    const { errors, values } = await scan(
      await put('a.har', text.slice(0, text.indexOf('"_webSocketMessages"') + 400)),
    );
    expect(errors).toMatchObject([{ entry: 2, message: 'the file ends inside entry 2' }]);
    expect(values).toContain(secrets.bearer);
  });
});

describe('encodings and odd content', () => {
  test('UTF-16 with a byte order mark, and UTF-8 with one', async () => {
    const secrets = makeSecrets();
    const little = Buffer.from(`\ufeff${harWith(secrets)}`, 'utf16le');
    await put('le.har', little);
    await put('be.har', Buffer.from(little).swap16());
    await put('bom.har', `\ufeff${harWith(secrets)}`);
    const { hits, errors, files } = await scan(folder);
    expect(errors).toEqual([]);
    expect(files.map(({ format }) => format)).toEqual(['har', 'har', 'har']);
    for (const name of ['le.har', 'be.har', 'bom.har']) {
      const values = new Set(
        hits.filter(({ file }) => file.endsWith(name)).map(({ secret }) => secret.reveal()),
      );
      expect(values).toEqual(new Set(Object.values(secrets)));
    }
  });

  test('broken UTF-8 is an error with its line, and scanned all the same', async () => {
    const path = await put(
      'a.txt',
      Buffer.concat([
        Buffer.from('one\ntwo '),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('\npassword=hunter22\n'),
      ]),
    );
    const { errors, hits } = await scan(path);
    expect(errors).toMatchObject([{ line: 2, message: expect.stringContaining('not valid UTF-8') }]);
    expect(hits).toMatchObject([{ place: 'line 3', line: 3 }]);
  });

  test('an empty file is a file without hits', async () => {
    const { files, errors } = await scan(await put('empty.har', ''));
    expect(files).toMatchObject([{ format: 'text', bytes: 0, hits: 0 }]);
    expect(errors).toEqual([]);
  });

  test('binary files are skipped, and it is said why', async () => {
    await put('a.png', Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(1_000, 3)]));
    await put('b.bin', Buffer.alloc(5_000, 1));
    await put('c.xz', Buffer.concat([Buffer.from('fd377a585a00', 'hex'), Buffer.alloc(1_000, 3)]));
    const { files } = await scan(folder);
    expect(files.map(({ skipped }) => skipped)).toEqual([
      'a PNG image',
      'binary data',
      'xz compression is not supported',
    ]);
  });

  test('a few NUL bytes hide no text', async () => {
    const { hits } = await scan(await put('a.log', `line\0one\n${'x'.repeat(500)}\npassword=hunter22\0\n`));
    expect(hits).toMatchObject([{ line: 3 }]);
  });

  test('lines are counted across windows, and what a window cuts is found whole and once', async () => {
    const line = `${'filler text of an ordinary log line '.repeat(3)}\n`;
    const count = Math.ceil((limits.scanBatchBytes * 2.5) / line.length);
    const lines: string[] = Array.from({ length: count }, () => line);
    const at = [
      1,
      Math.floor(limits.scanBatchBytes / line.length),
      Math.floor(limits.scanBatchBytes / line.length) + 1,
      count - 1,
    ];
    const expected = new Map(at.map((index) => [index + 1, `password=${makeSecrets().apiKey}`]));
    for (const index of at) lines[index] = `${expected.get(index + 1)}\n`;
    const { hits } = await scan(await put('big.log', lines.join('')));
    expect(hits.map(({ line, secret }) => [line, `password=${secret.reveal()}`])).toEqual([...expected]);
  });

  test('a line longer than memory likes is scanned in windows', async () => {
    const secret = makeSecrets().apiKey;
    const path = await put('line.txt', '');
    const filler = Buffer.alloc(limits.scanBatchBytes - 20, 'a ');
    // The password stands across the border of the first two windows.
    await writeFile(
      path,
      Buffer.concat([
        filler,
        Buffer.from(` password=${secret} `),
        ...Array.from({ length: 15 }, () => filler),
      ]),
    );
    const { hits } = await scan(path);
    expect(hits.map(({ line, places, secret: found }) => [line, places, found.reveal()])).toEqual([
      [1, 1, secret],
    ]);
  });
});

describe('archives', () => {
  async function tarOf(files: Record<string, string | Buffer>): Promise<Buffer> {
    const pack = tar.pack();
    for (const [name, content] of Object.entries(files)) pack.entry({ name }, Buffer.from(content as string));
    pack.entry({ name: 'link', type: 'symlink', linkname: '/etc/passwd' });
    pack.finalize();
    const parts: Buffer[] = [];
    for await (const part of pack) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }

  test('gzip, zip, tar, and one in another', async () => {
    const secrets = Array.from({ length: 6 }, makeSecrets);
    const har = (index: number): string => harWith(secrets[index]!);
    await put('a.har.gz', gzipSync(har(0)));
    await put('b.zip', zipOf({ 'x/one.har': har(1), 'two.txt': 'password=hunter22', 'empty/': '' }));
    await put(
      'c.tar',
      await tarOf({
        'one.har': har(2),
        'bin.png': Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(2_000_000, 3)]),
        'after.har': har(3),
      }),
    );
    await put(
      'd.tgz',
      gzipSync(await tarOf({ 'in.zip': zipOf({ 'deep.har': har(4), 'deeper.gz': gzipSync(har(5)) }) })),
    );
    const { hits, errors, files } = await scan(folder);
    expect(errors).toEqual([]);
    expect(
      files.map(({ file, format, skipped }) => `${file.slice(folder.length + 1)} ${skipped ?? format}`),
    ).toEqual([
      'a.har.gz har',
      'b.zip!/x/one.har har',
      'b.zip!/two.txt text',
      'b.zip zip',
      'c.tar!/one.har har',
      'c.tar!/bin.png a PNG image',
      'c.tar!/after.har har',
      'c.tar!/link not a regular file (symlink)',
      'c.tar tar',
      'd.tgz!/in.zip!/deep.har har',
      'd.tgz!/in.zip!/deeper.gz har',
      'd.tgz!/in.zip zip',
      'd.tgz!/link not a regular file (symlink)',
      'd.tgz tar',
    ]);
    const values = new Set(hits.map(({ secret }) => secret.reveal()));
    for (const one of secrets) for (const value of Object.values(one)) expect(values).toContain(value);
  });

  test('nesting is bounded', async () => {
    let bytes = Buffer.from('password=hunter22');
    for (let depth = 0; depth < limits.scanNestingMax; depth++) bytes = gzipSync(bytes);
    expect((await scan(await put('ok.gz', bytes))).hits).toHaveLength(1);
    const { hits, files } = await scan(await put('deep.gz', gzipSync(bytes)));
    expect(hits).toEqual([]);
    expect(files).toMatchObject([{ skipped: `an archive inside ${limits.scanNestingMax} others` }]);
  });

  test('a truncated or broken archive is an error; what came before is scanned', async () => {
    const secrets = makeSecrets();
    const packed = gzipSync(
      `${harWith(secrets)}\n${' '.repeat(10)}${Array.from({ length: 50_000 }, () => Math.random()).join()}`,
    );
    await put('a.gz', packed.subarray(0, packed.length / 2));
    await put('b.zip', zipOf({ 'a.har': harWith(secrets) }).subarray(0, 900));
    await put('c.zip', zipOf({ 'a.har': harWith(secrets) }, 1));
    const whole = await tarOf({ 'a.har': harWith(secrets), 'b.har': harWith(secrets).repeat(5) });
    await put('d.tar', whole.subarray(0, whole.length - 8_000));
    const { errors, hits } = await scan(folder);
    const byFile = (name: string): string[] =>
      errors.filter(({ file }) => file.includes(name)).map(({ message }) => message);
    expect(byFile('a.gz')).toContain('the compressed data ends too early; what was read before is scanned');
    expect(byFile('b.zip')).toEqual([expect.stringContaining('what was read before is scanned')]);
    expect(byFile('c.zip')).toEqual(['encrypted; not scanned']);
    expect(byFile('d.tar')).not.toEqual([]);
    for (const name of ['a.gz', 'd.tar!/a.har'])
      expect(hits.filter(({ file }) => file.includes(name)).length, name).toBeGreaterThan(10);
  });

  test('hostile names are shown, not followed', async () => {
    const { files } = await scan(
      await put(
        'a.zip',
        zipOf({ '../../etc/cron.d/x': 'password=hunter22', '/abs\u001b[2J\n.txt': 'x', 'C:\\windows': 'y' }),
      ),
    );
    expect(files.map(({ file }) => file.slice(folder.length + 1))).toEqual([
      'a.zip!/../../etc/cron.d/x',
      'a.zip!/\\u002fabs'.replace('\\u002f', '/').concat('\\u001b[2J\\u000a.txt'),
      'a.zip!/C:\\windows',
      'a.zip',
    ]);
  });
});

describe('folders', () => {
  test('are walked in order; links, pipes and what is excluded are named, not read', async () => {
    await mkdir(join(folder, 'b/node_modules'), { recursive: true });
    await put('b/node_modules/x.txt', 'password=hunter22');
    await put('b/.env', 'password=hunter22');
    await put('a\n\u202e.txt', 'password=hunter22');
    await put('c.bak', 'password=hunter22');
    await symlink('/etc', join(folder, 'etc'));
    await symlink(join(folder, 'b/.env'), join(folder, 'link'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { files, hits } = await scan(folder, { exclude: ['node_modules', '*.bak'] });
    expect(
      files.map(({ file, skipped }) => `${file.slice(folder.length + 1)}: ${skipped ?? 'scanned'}`),
    ).toEqual([
      'a\\u000a\\u202e.txt: scanned',
      'b/.env: scanned',
      'b/node_modules: excluded',
      'c.bak: excluded',
      'etc: a symbolic link',
      'link: a symbolic link',
      'pipe: not a regular file',
    ]);
    expect(hits).toHaveLength(2);
  });

  test('what is not there or may not be read is an error, and the rest goes on', async () => {
    const good = await put('good.txt', 'password=hunter22');
    const { errors, hits } = await scan([join(folder, 'none'), good]);
    expect(errors).toEqual([{ type: 'error', file: join(folder, 'none'), message: 'no such file' }]);
    expect(hits).toHaveLength(1);
    if (process.getuid?.() === 0) return;
    await chmod(good, 0);
    expect((await scan(good)).errors).toMatchObject([{ message: 'permission denied' }]);
  });

  test('progress ends at the total', async () => {
    await put('a.txt', 'x'.repeat(1_000));
    await put('b.zip', zipOf({ 'a.txt': 'password=hunter22' }));
    const { progress } = await scan(folder);
    const last = progress.at(-1)!;
    expect(last).toMatchObject({ bytesDone: last.bytesTotal, filesDone: 2 });
  });

  test('an abort ends the scan with its reason', async () => {
    const path = await put('big.txt', '');
    await truncate(path, 200_000_000);
    const controller = new AbortController();
    const seen: string[] = [];
    await expect(async () => {
      for await (const { type } of scanPaths([path], {
        fingerprinter,
        signal: controller.signal,
        threads: 0,
      })) {
        seen.push(type);
        controller.abort(new Error('enough'));
      }
    }).rejects.toThrow('enough');
    expect(seen).toEqual(['progress']);
  });
});

describe('threads', () => {
  test('find what this thread finds', async () => {
    expect(existsSync(packageFile('dist/src/domain/exposure/scan/worker.js')), 'run the build first').toBe(
      true,
    );
    const secrets = Array.from({ length: 300 }, makeSecrets);
    const filler = { response: { content: { text: 'lorem ipsum '.repeat(3_000) } } };
    const entries = secrets.flatMap((one, index) => [entryWith(one, index), encodedEntryWith(one), filler]);
    await put('a.har', JSON.stringify({ log: { version: '1.2', entries } }));
    await put('b.har', JSON.stringify({ log: { version: '1.2', entries: entries.slice(0, 50) } }));
    await put('c.txt', 'password=hunter22\n'.repeat(1_000));
    const strip = ({ events }: Awaited<ReturnType<typeof scan>>): unknown[] =>
      events.filter(({ type }) => type !== 'progress');
    const [here, there] = [await scan(folder), await scan(folder, { threads: 2 })];
    expect(strip(there)).toEqual(strip(here));
    expect([...there.values].sort()).toEqual([...here.values].sort());
    expect(here.values.size).toBe(300 * (Object.keys(secrets[0]!).length - 1) + 1);
  });
});
