/**
 * C2SP signed notes with Ed25519: a text, an empty line, signature lines. https://c2sp.org/signed-note
 * A verifier key is the text that people compare: `<name>+<key id in hex>+<base64(0x01 || public key)>`.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { sha256 } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** The signature type byte of Ed25519. */
const ed25519 = Buffer.of(1);
const keyIdBytes = 4;
const publicKeyBytes = 32;
const signatureBytes = 64;

export interface VerifierKey {
  name: string;
  /** 4 bytes. */
  id: Buffer;
  publicKey: KeyObject;
  /** The key as text. */
  text: string;
}

export interface NoteSignature {
  name: string;
  id: Buffer;
  signature: Buffer;
}

export interface Note {
  /** With its final newline. */
  text: string;
  signatures: NoteSignature[];
}

/** What signs: src/domain/evidence/keys.ts makes one. */
export interface NoteSigner {
  readonly key: VerifierKey;
  sign(bytes: Uint8Array): Buffer;
}

/** A key's name is not empty and has no spaces, no control characters and no plus. */
export const isKeyName = (name: string): boolean => /^[^\s+\p{Cc}\p{Cs}]+$/u.test(name);

/** Makes the verifier key of a raw Ed25519 public key. */
export function verifierKeyOf(name: string, publicKey: Buffer): VerifierKey {
  const encoded = Buffer.concat([ed25519, publicKey]);
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), encoded])).subarray(0, keyIdBytes);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') };
  const text = `${name}+${id.toString('hex')}+${encoded.toString('base64')}`;
  return { name, id, publicKey: createPublicKey({ key: jwk, format: 'jwk' }), text };
}

/** Reads a verifier key. The error says what was expected. */
export function parseVerifierKey(text: string): Result<VerifierKey, string> {
  const [, name = '', id = '', encoded = ''] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || bytes?.length !== 1 + publicKeyBytes)
    return err('a verifier key: <name>+<key id>+<base64>');
  if (bytes[0] !== ed25519[0]) return err('an Ed25519 key (type 1)');
  const key = verifierKeyOf(name, bytes.subarray(1));
  return key.id.toString('hex') === id
    ? ok(key)
    : err(`a key id that is the hash of name and key (${key.id.toString('hex')})`);
}

/** Decodes standard base64, and only its one canonical spelling. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** Signs `text`, which ends in a newline, and returns the whole note. */
export function signNote(text: string, signer: NoteSigner): string {
  const signature = Buffer.concat([signer.key.id, signer.sign(Buffer.from(text))]);
  return `${text}\n— ${signer.key.name} ${signature.toString('base64')}\n`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a note must not have.
const forbidden = /[\u0000-\u0009\u000b-\u001f\p{Cs}]/u;

/** Splits a note into its text and its signatures, strictly. Nothing is verified yet. */
export function parseNote(note: string): Result<Note, string> {
  if (Buffer.byteLength(note) > limits.noteBytesMax)
    return err(`a note of at most ${limits.noteBytesMax} bytes`);
  if (forbidden.test(note)) return err('UTF-8 text without control characters');
  const middle = note.lastIndexOf('\n\n');
  if (middle < 0 || !note.endsWith('\n')) return err('a text, an empty line and signature lines');
  const signatures: NoteSignature[] = [];
  for (const line of note.slice(middle + 2, -1).split('\n')) {
    const signature = parseSignature(line);
    if (!signature) return err('signature lines: — <key name> <base64>');
    signatures.push(signature);
  }
  return ok({ text: note.slice(0, middle + 1), signatures });
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || !bytes || bytes.length <= keyIdBytes) return undefined;
  return { name, id: bytes.subarray(0, keyIdBytes), signature: bytes.subarray(keyIdBytes) };
}

/** The text of a note that `key` has signed. Signatures of other keys are passed over. */
export function openNote(note: string, key: VerifierKey): Result<string, string> {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const { text, signatures } = parsed.value;
  const own = signatures.filter(({ name, id }) => name === key.name && id.equals(key.id));
  if (own.length === 0) return err(`a signature of ${key.text}`);
  const holds = own.every(({ signature }) => verifyBytes(key, Buffer.from(text), signature));
  return holds ? ok(text) : err(`a signature of ${key.text} that holds`);
}

/** Whether `signature` is the key's Ed25519 signature over `bytes`. */
export function verifyBytes(key: VerifierKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === signatureBytes && verify(null, bytes, key.publicKey, signature);
}
