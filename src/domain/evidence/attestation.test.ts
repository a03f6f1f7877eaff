import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../kernel/secret.ts';
import { preAuthEncoding, signAttestation, statementType, verifyAttestation } from './attestation.ts';
import { LedgerSigner } from './keys.ts';

const signer = new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const other = new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const statement = {
  _type: statementType,
  subject: [{ name: 'pg:app', digest: { hmacSha256: 'ab12' } }],
  predicateType: 'https://example.com/proof/v1',
  predicate: { probes: [{ verdict: 'rejected', code: '28P01' }] },
};

test("the encoding of DSSE's own example", () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('signs and verifies, by signer and by key as text', () => {
  const envelope = signAttestation(signer, statement);
  expect(envelope.payloadType).toBe('application/vnd.in-toto+json');
  expect(verifyAttestation(signer, envelope)).toEqual({ signatureValid: true, statement });
  expect(verifyAttestation(signer.verifierKey, JSON.parse(JSON.stringify(envelope)))).toEqual({
    signatureValid: true,
    statement,
  });
  expect(verifyAttestation(other, envelope)).toMatchObject({ signatureValid: false });
  expect(() => verifyAttestation('no key', envelope)).toThrow('expected a verifier key');
});

test('takes URL-safe base64 and other signatures beside ours, and does not trust the key id', () => {
  const envelope = signAttestation(signer, statement);
  const [own] = envelope.signatures;
  const urlSafe = (text: string) => Buffer.from(text, 'base64').toString('base64url');
  const rewritten = {
    ...envelope,
    payload: urlSafe(envelope.payload),
    signatures: [{ sig: 'AAAA' }, { keyid: 'somebody else', sig: urlSafe(own!.sig) }],
  };
  expect(verifyAttestation(signer, rewritten).signatureValid).toBe(true);
});

test('any changed payload, type or signature is found', () => {
  const envelope = signAttestation(signer, statement);
  const bytes = {
    payload: Buffer.from(envelope.payload, 'base64'),
    sig: Buffer.from(envelope.signatures[0]!.sig, 'base64'),
  };
  fc.assert(
    fc.property(
      fc.constantFrom('payload' as const, 'sig' as const),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (part, at, mask) => {
        const changed = { payload: Buffer.from(bytes.payload), sig: Buffer.from(bytes.sig) };
        changed[part][at % changed[part].length]! ^= mask;
        const forged = {
          ...envelope,
          payload: changed.payload.toString('base64'),
          signatures: [{ sig: changed.sig.toString('base64') }],
        };
        expect(verifyAttestation(signer, forged).signatureValid).toBe(false);
      },
    ),
  );
  expect(verifyAttestation(signer, { ...envelope, payloadType: 'application/json' }).signatureValid).toBe(
    false,
  );
});

test.each([undefined, null, 1, 'x', {}, { payload: '', payloadType: '', signatures: [] }])(
  '%j is no envelope',
  (envelope) => {
    expect(verifyAttestation(signer, envelope)).toMatchObject({ signatureValid: false });
  },
);

test('what is no in-toto statement is not signed', () => {
  expect(() => signAttestation(signer, { ...statement, _type: 'other' })).toThrow('not an in-toto statement');
  expect(() => signAttestation(signer, { ...statement, subject: [] })).toThrow('not an in-toto statement');
  expect(() => signAttestation(signer, { ...statement, subject: [{ name: 'a', digest: {} }] })).toThrow(
    'not an in-toto statement',
  );
});

test('a secret in a statement is not signed in clear', () => {
  const envelope = signAttestation(signer, {
    ...statement,
    predicate: { password: new Secret('canary-4711') },
  });
  expect(Buffer.from(envelope.payload, 'base64').toString()).toContain('"password":"[secret]"');
});
