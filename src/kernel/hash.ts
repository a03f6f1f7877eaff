/** Hashes, canonical JSON and keyed fingerprints. */
import { createHash, createHmac } from 'node:crypto';
import canonicalizeJson from 'canonicalize';
import { assert } from './errors.ts';
import type { Secret } from './secret.ts';

export function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** RFC 8785 canonical JSON: the same value gives the same bytes everywhere. */
export function canonicalJson(value: unknown): string {
  const text = canonicalizeJson(value);
  assert(text !== undefined, 'value has no JSON form');
  return text;
}

/** A secret's identity: `hs256:` and 43 characters of base64url. Useless without the installation's key. */
export type Fingerprint = string & { readonly fingerprint: unique symbol };

/** Makes fingerprints with the installation's own key, so that a leaked database can't be matched to a dictionary. */
export class Fingerprinter {
  readonly #key: Buffer;

  constructor(key: Uint8Array) {
    assert(key.length === 32, 'a fingerprint key has 32 bytes');
    this.#key = Buffer.from(key);
  }

  of(secret: Secret): Fingerprint {
    return this.ofText(secret.reveal());
  }

  ofText(value: string): Fingerprint {
    return `hs256:${createHmac('sha256', this.#key).update(value).digest('base64url')}` as Fingerprint;
  }
}
