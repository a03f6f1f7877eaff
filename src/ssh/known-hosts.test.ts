import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FirebreakError } from '../kernel/errors.ts';
import { newKeyPair } from '../replay/fleet/key-pair.ts';
import { matchesGlob } from './glob.ts';
import { knownName, readKnownHosts } from './known-hosts.ts';
import { fingerprint, readPublicKey } from './public-key.ts';
import { subnetOf } from './subnet.ts';

const run = promisify(execFile);
const key = () => newKeyPair().public.split(' ').slice(0, 2).join(' ');
const keys = { a: key(), b: key(), c: key() };
const find = (text: string, ...names: string[]) =>
  readKnownHosts([{ name: 'known_hosts', text }])
    .find(names)
    .map(
      ({ marker, blob, place }) =>
        `${marker} ${Object.entries(keys).find(([, line]) => readPublicKey(line).equals(blob))?.[0]} ${place}`,
    );

test('names, ports, patterns, markers and comments', () => {
  const text = [
    '# a comment',
    `web-1,10.0.0.1 ${keys.a} with a comment`,
    `[web-1]:2222 ${keys.b}`,
    `*.example.com,!bad.example.com ${keys.c}`,
    `@revoked * ${keys.b}`,
    `@cert-authority *.example.com ${keys.a}`,
    '',
  ].join('\n');
  expect(find(text, 'web-1')).toEqual(['key a known_hosts:2', 'revoked b known_hosts:5']);
  expect(find(text, knownName('WEB-1', 22))).toEqual(['key a known_hosts:2', 'revoked b known_hosts:5']);
  expect(find(text, '10.0.0.1')[0]).toBe('key a known_hosts:2');
  expect(find(text, knownName('web-1', 2222))[0]).toBe('key b known_hosts:3');
  expect(find(text, 'x.example.com')).toEqual([
    'key c known_hosts:4',
    'revoked b known_hosts:5',
    'authority a known_hosts:6',
  ]);
  expect(find(text, 'bad.example.com')).toEqual(['revoked b known_hosts:5', 'authority a known_hosts:6']);
  expect(find(text, 'web-2')).toEqual(['revoked b known_hosts:5']);
});

test('names that ssh-keygen hashed are found, and no others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-known-'));
  try {
    const file = join(folder, 'known_hosts');
    await writeFile(file, `web-1 ${keys.a}\n[web-2]:2222 ${keys.b}\n`);
    await run('ssh-keygen', ['-H', '-f', file]);
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/^\|1\|/);
    expect(find(text, 'web-1')).toEqual(['key a known_hosts:1']);
    expect(find(text, '[web-2]:2222')).toEqual(['key b known_hosts:2']);
    expect(find(text, 'web-2')).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the fingerprint is what ssh-keygen prints', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-known-'));
  try {
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const file = join(folder, type);
      await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
      const { stdout } = await run('ssh-keygen', ['-l', '-f', `${file}.pub`]);
      expect(stdout).toContain(fingerprint(readPublicKey(await readFile(`${file}.pub`, 'utf8'))));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a line that cannot be read is an error with its number', () => {
  const text = `web-1 ${keys.a}\n@revokd * ${keys.b}\nweb-2 ssh-ed25519 AAAA\nweb-3 ssh-rsa ${keys.a.split(' ')[1]}\n|1|x|y ${keys.a}\n`;
  const error = (() => {
    try {
      return readKnownHosts([{ name: 'kh', text }]);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(FirebreakError);
  expect((error as FirebreakError).faults.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'kh:2',
    'kh:3',
    'kh:4',
    'kh:5',
  ]);
});

test('patterns match as a regular expression would', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 12 });
  fc.assert(
    fc.property(
      letters,
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 }),
      (pattern, text) => {
        const source = pattern.replace(/\./g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
        expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a pattern of many stars takes no time', () => {
  const startedAt = performance.now();
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test.each([
  ['10.1.2.3', '10.1.2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:0db8:0001:0002:3:4:5:6', '2001:db8:1:2'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::ffff:10.0.0.1', '0:0:0:0'],
  ['Web-1', 'web-1'],
])('the neighbourhood of %s is %s', (address, subnet) => expect(subnetOf(address)).toBe(subnet));
