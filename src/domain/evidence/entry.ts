/**
 * The text of an entry: RFC 8785 canonical JSON of {v, seq, at, actor, kind, incident?, subject?, data}. It is
 * made in two parts around the number, which is known only while the ledger is locked: all the work but that
 * number is done before.
 */
import { z } from 'zod';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import type { Entry } from './types.ts';

export interface PreparedEntry {
  /** The text up to the number. */
  before: string;
  /** The text after it. */
  after: string;
  at: string;
  actor: string;
  kind: string;
  incident: string | null;
  subject: string | null;
}

/** The text of an entry, read back. */
export const EntryBody = z.strictObject({
  v: z.literal(1),
  seq: z.number().int().nonnegative(),
  at: z.string(),
  actor: z.string(),
  kind: z.string(),
  incident: z.string().optional(),
  subject: z.string().optional(),
  data: z.unknown(),
});
export type EntryBody = z.infer<typeof EntryBody>;

const kindPattern = /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/;
/** The digits of the greatest number, 2^53. */
const seqDigitsMax = 16;

/** Checks an entry and makes its text. Throws bad_input or limit_exceeded. */
export function prepareEntry(entry: Entry, at: Date): PreparedEntry {
  const { kind, actor, incidentId, subject } = entry;
  if (!kindPattern.test(kind)) throw misfit('kind', 'lower-case words joined by dots');
  checkName('kind', kind, limits.ledgerNameBytesMax);
  checkName('actor', actor, limits.ledgerNameBytesMax);
  if (incidentId !== undefined) checkName('incident', incidentId, limits.ledgerNameBytesMax);
  if (subject !== undefined) checkName('subject', subject, limits.ledgerSubjectBytesMax);
  const time = at.toISOString();
  const text = (name: string, value: string | undefined) =>
    value === undefined ? '' : `"${name}":${JSON.stringify(value)},`;
  // The fields in canonical order, which is the order of their names.
  const before = `{"actor":${JSON.stringify(actor)},"at":"${time}","data":${dataText(entry)},${text('incident', incidentId)}"kind":"${kind}","seq":`;
  const after = `,${text('subject', subject)}"v":1}`;
  const bytes = Buffer.byteLength(before) + seqDigitsMax + Buffer.byteLength(after);
  if (bytes > limits.ledgerEntryBytesMax)
    throw new FirebreakError(
      'limit_exceeded',
      `a ledger entry of kind ${kind} has ${bytes} bytes; at most ${limits.ledgerEntryBytesMax} are taken`,
    );
  return { before, after, at: time, actor, kind, incident: incidentId ?? null, subject: subject ?? null };
}

/** The canonical text of a prepared entry, once its number is known. */
export const bodyOf = (entry: PreparedEntry, seq: number): string => entry.before + seq + entry.after;

function dataText({ kind, data }: Entry): string {
  try {
    const text = canonicalJson(data);
    // A function or an undefined toJSON leaves text that is not JSON; reading it back finds that.
    const value = JSON.parse(text) as unknown;
    return text.includes('\\u0000') ? canonicalJson(withoutNul(value)) : text;
  } catch (cause) {
    throw new FirebreakError(
      'bad_input',
      `the data of a ledger entry of kind ${kind} is no JSON value: ${messageOf(cause)}`,
    );
  }
}

/** PostgreSQL's jsonb takes no NUL, and those who search the ledger use jsonb: it is written as U+FFFD. */
function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(withoutNul);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [withoutNul(name), withoutNul(item)]),
  );
}

function checkName(field: string, value: string, bytesMax: number): void {
  if (value === '' || /[\p{Cc}\p{Cs}]/u.test(value)) throw misfit(field, 'text without control characters');
  if (Buffer.byteLength(value) > bytesMax) throw misfit(field, `at most ${bytesMax} bytes`);
}

function misfit(field: string, expected: string): FirebreakError {
  return new FirebreakError('bad_input', `the ${field} of a ledger entry does not fit`, {
    faults: [{ field, expected }],
  });
}

/** Reads the text of an entry. The error says what was expected; it also holds for text that is not canonical. */
export function parseBody(text: string): { ok: true; body: EntryBody } | { ok: false; expected: string } {
  try {
    const value = JSON.parse(text) as unknown;
    if (canonicalJson(value) !== text) return { ok: false, expected: 'canonical JSON' };
    const parsed = EntryBody.safeParse(value);
    return parsed.success
      ? { ok: true, body: parsed.data }
      : { ok: false, expected: 'an entry: v, seq, at, actor, kind, data' };
  } catch {
    return { ok: false, expected: 'an entry in JSON' };
  }
}
