import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKey } from '../replay/fleet/sshd.ts';
import { hostCertificateFault, readCertificate } from './certificate.ts';
import { readPublicKey } from './public-key.ts';

const run = promisify(execFile);
let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-certificate-'));
  for (const type of ['ed25519', 'ecdsa', 'rsa']) await makeKey(join(folder, `ca_${type}`), type);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A certificate made by ssh-keygen. */
async function certify(ca: string, type: string, flags: string[]): Promise<Buffer> {
  const file = join(folder, `key_${made++}`);
  await makeKey(file, type);
  await run('ssh-keygen', ['-q', '-s', join(folder, `ca_${ca}`), '-I', 'web 1', ...flags, `${file}.pub`]);
  return readPublicKey(await readFile(`${file}-cert.pub`, 'utf8'));
}

const now = new Date('2026-11-25T12:00:00Z');

test.each([
  ['ed25519', 'ed25519'],
  ['ecdsa', 'ed25519'],
  ['ed25519', 'ecdsa'],
  ['rsa', 'rsa'],
])('a certificate of an %s authority for an %s key', async (ca, type) => {
  const blob = await certify(ca, type, ['-h', '-n', 'web-1,10.0.0.1', '-V', '20261101:20261231']);
  const certificate = readCertificate(blob);
  const bare = readPublicKey(await readFile(join(folder, `key_${made - 1}.pub`), 'utf8'));
  const authority = readPublicKey(await readFile(join(folder, `ca_${ca}.pub`), 'utf8'));
  expect(certificate).toMatchObject({
    kind: 'host',
    keyId: 'web 1',
    principals: ['web-1', '10.0.0.1'],
    signed: true,
  });
  expect(certificate.key.equals(bare)).toBe(true);
  expect(certificate.authority.equals(authority)).toBe(true);
  expect(hostCertificateFault(certificate, ['web-1'], now)).toBe('');
  expect(hostCertificateFault(certificate, ['10.0.0.9', 'WEB-1'], now)).toBe('');
  expect(hostCertificateFault(certificate, ['web-2'], now)).toMatch(
    /^it is for web-1, 10.0.0.1, not for web-2/,
  );
  expect(hostCertificateFault(certificate, ['web-1'], new Date('2026-10-01'))).toMatch(/valid only from/);
  expect(hostCertificateFault(certificate, ['web-1'], new Date('2027-01-01'))).toMatch(/it ended at/);
});

test('a user certificate, one without names and one with a demand are no host certificates', async () => {
  const user = readCertificate(await certify('ed25519', 'ed25519', ['-n', 'web-1']));
  expect(hostCertificateFault(user, ['web-1'], now)).toBe('it is a user certificate');
  const nameless = readCertificate(await certify('ed25519', 'ed25519', ['-h']));
  expect(hostCertificateFault(nameless, ['web-1'], now)).toBe('it is for no name, not for web-1');
  const demanding = readCertificate(
    await certify('ed25519', 'ed25519', ['-h', '-n', 'web-1', '-O', 'critical:x@y=1']),
  );
  expect(hostCertificateFault(demanding, ['web-1'], now)).toMatch(/it demands what is not known/);
  const wild = readCertificate(await certify('ed25519', 'ed25519', ['-h', '-n', '*.example.com']));
  expect(hostCertificateFault(wild, ['a.example.com'], now)).toBe('');
  expect(hostCertificateFault(wild, ['a.example.org'], now)).not.toBe('');
});

test('a certificate with any byte changed is never accepted', async () => {
  const blob = await certify('ed25519', 'ed25519', ['-h', '-n', 'web-1']);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: blob.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const forged = Buffer.from(blob);
      forged[at] = (forged[at] as number) ^ by;
      let fault = 'unreadable';
      try {
        fault = hostCertificateFault(readCertificate(forged), ['web-1'], now);
      } catch {
        // Not readable is not accepted either.
      }
      expect(fault).not.toBe('');
    }),
    { numRuns: 500 },
  );
});
