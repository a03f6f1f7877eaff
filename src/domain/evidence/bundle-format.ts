/**
 * `firebreak-bundle/1`: the whole ledger as one text file, a line for everything. README.md describes it. Each
 * line has one spelling only, so that the file of a ledger can't be changed without a trace.
 */
import { z } from 'zod';
import type { Fault } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type EntryBody, parseBody } from './entry.ts';
import { decodeBase64 } from './note.ts';

const bundleFormat = 'firebreak-bundle/1';

export interface BundleHeader {
  /** ISO 8601, UTC. */
  created: string;
  /** The verifier key that everything in the bundle is signed with. */
  key: string;
  origin: string;
  /** Entries in the bundle. */
  size: number;
  /** Whether the raw output that entries cite is in the bundle too. */
  raw?: true | undefined;
}

const Header = z.strictObject({
  created: z.iso.datetime(),
  key: z.string(),
  origin: z.string(),
  size: z.number().int().nonnegative(),
  raw: z.literal(true).optional(),
});

export interface EntryLine {
  seq: number;
  /** Hexadecimal, as the line says. */
  leafHash: string;
  text: string;
  body: EntryBody;
}

export interface EndLine {
  sha256: string;
  signature: Buffer;
}

export interface VerifyReport {
  /** Nothing was changed since the holder of `verifierKey` exported it. */
  ok: boolean;
  file: string;
  /** Entries, checkpoints and attestations that were read and found good. */
  entries: number;
  checkpoints: number;
  attestations: number;
  /** Raw outputs that entries cite, and how many of them are in the bundle and are what the ledger says. */
  rawCited: number;
  rawFound: number;
  /** The key that the bundle says it is signed with: compare it with what you were given by another way. */
  verifierKey: string | undefined;
  origin: string | undefined;
  created: string | undefined;
  /** The root of the whole tree in hexadecimal. */
  root: string | undefined;
  /** The first faults, by line. */
  faults: Fault[];
}

export const formatHeader = (header: BundleHeader): string => `${bundleFormat} ${canonicalJson(header)}`;
export const formatEntry = (seq: number, leafHash: Buffer, text: string): string =>
  `entry ${seq} ${leafHash.toString('hex')} ${text}`;
export const formatCheckpoint = (note: string): string => `checkpoint ${JSON.stringify(note)}`;
/** The head of one raw output: its name in the ledger. */
export const formatRaw = (sha256: string): string => `raw ${sha256}`;
/** A part of the raw output above it, compressed as it was kept. All parts but the last have the same length. */
export const formatRawPart = (bytes: Buffer): string => `data ${bytes.toString('base64')}`;
export const formatEnd = ({ sha256, signature }: EndLine): string =>
  `end ${sha256} ${signature.toString('base64')}`;

/**
 * What the end of a bundle signs: the SHA-256 in hexadecimal of all bytes before the last line. The space in
 * the first line keeps it apart from checkpoints, whose first line is an origin, which has none.
 */
export const endText = (sha256: string): Buffer => Buffer.from(`${bundleFormat} end\n${sha256}\n`);

/** Reads the first line. Errors of all readers say what was expected. */
export function parseHeader(line: string): Result<BundleHeader, string> {
  const prefix = `${bundleFormat} `;
  if (!line.startsWith(prefix)) return err(`a bundle: ${prefix}{...}`);
  const parsed = Header.safeParse(parseJson(line.slice(prefix.length)));
  if (!parsed.success) return err('created, key, origin and size in the header');
  return formatHeader(parsed.data) === line ? ok(parsed.data) : err('canonical JSON in the header');
}

export function parseEntry(line: string): Result<EntryLine, string> {
  const match = /^entry (0|[1-9]\d*) ([0-9a-f]{64}) (\{.*\})$/s.exec(line);
  if (!match) return err('entry <number> <leaf hash> {...}');
  const [, seq, leafHash = '', text = ''] = match;
  const parsed = parseBody(text);
  return parsed.ok ? ok({ seq: Number(seq), leafHash, text, body: parsed.body }) : err(parsed.expected);
}

export function parseCheckpointLine(line: string): Result<string, string> {
  const note = parseJson(line.slice('checkpoint '.length));
  return typeof note === 'string' && formatCheckpoint(note) === line
    ? ok(note)
    : err('checkpoint "<signed note>"');
}

export function parseRaw(line: string): Result<string, string> {
  const sha256 = /^raw ([0-9a-f]{64})$/.exec(line)?.[1];
  return sha256 === undefined ? err('raw <sha256>') : ok(sha256);
}

export function parseRawPart(line: string): Result<Buffer, string> {
  const bytes = decodeBase64(line.slice('data '.length));
  return bytes && bytes.length > 0 && bytes.length <= limits.bundleRawPartBytes
    ? ok(bytes)
    : err(`data <base64 of 1 to ${limits.bundleRawPartBytes} bytes>`);
}

/** The raw outputs that an entry cites, by SHA-256. In canonical JSON a text can't look like a field and its value. */
export const citedRaw = (text: string): string[] =>
  [...text.matchAll(/"rawSha256":"([0-9a-f]{64})"/g)].map(([, sha256 = '']) => sha256);

export function parseEnd(line: string): Result<EndLine, string> {
  const [, sha256 = '', encoded = ''] = /^end ([0-9a-f]{64}) (\S+)$/.exec(line) ?? [];
  const signature = decodeBase64(encoded);
  return sha256 && signature ? ok({ sha256, signature }) : err('end <sha256> <signature>');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
