/** The unit of scanning: some bytes in, what they hold out. The same function runs in a thread and in this one. */
import { isAscii, isUtf8 } from 'node:buffer';
import { scanEntry } from './scan-entry.ts';
import { scanText } from './scan-text.ts';
import { Sightings } from './sightings.ts';
import type { Sighted } from './types.ts';

/** One element of `log.entries` in the bytes of its job. */
export interface EntryRange {
  start: number;
  end: number;
  /** From 1. */
  number: number;
  line: number;
  /** Keys that the text of the entry has, duplicates counted. */
  members: number;
}

export type Job =
  | { type: 'entries'; bytes: ArrayBuffer; entries: EntryRange[] }
  /** A window of text. Its first `overlap` bytes were the end of the window before. */
  | { type: 'text'; bytes: ArrayBuffer; overlap: number; last: boolean };

export interface Fault {
  entry?: number;
  /** For text: counted from the first line after the overlap, which is 0. */
  line: number;
  message: string;
}

export interface JobResult {
  sighted: Sighted[];
  faults: Fault[];
  /** Line ends after the overlap. */
  newlines: number;
}

/** What a runner sends back. `failed` names the error's class only: its message could quote what was scanned. */
export type Answer = { result: JobResult } | { failed: string };

export function answerTo(job: Job): Answer {
  try {
    return { result: runJob(job) };
  } catch (error) {
    return { failed: `the scan failed (${error instanceof Error ? error.name : 'unknown error'})` };
  }
}

export function runJob(job: Job): JobResult {
  return job.type === 'entries' ? runEntries(job) : runText(job);
}

function runEntries({ bytes, entries }: Extract<Job, { type: 'entries' }>): JobResult {
  const sightings = new Sightings();
  const faults: Fault[] = [];
  for (const range of entries) {
    const { text, valid } = decodeText(Buffer.from(bytes, range.start, range.end - range.start));
    const fault = (message: string): number =>
      faults.push({ entry: range.number, line: range.line, message: `entry ${range.number} ${message}` });
    if (!valid) fault('is not valid UTF-8; read with the broken bytes replaced');
    const parsed = parseEntry(text);
    if (parsed.entry) {
      const { members } = scanEntry(parsed.entry, range, sightings);
      if (members === range.members) continue;
      // Of two members of one name the parser keeps the last; the other is found in the text.
      fault('has duplicate keys; scanned as text too');
    } else {
      fault(parsed.message);
    }
    for (const finding of scanText(text))
      sightings.add(finding, { place: `entry ${range.number}`, entry: range.number, line: range.line });
  }
  return { sighted: sightings.all(), faults, newlines: 0 };
}

/** Parses one entry. The message never quotes the text, which may hold secrets. */
export function parseEntry(
  text: string,
): { entry: Record<string, unknown>; message?: undefined } | { entry?: undefined; message: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { entry: value as Record<string, unknown> };
    return { message: 'is not an object; scanned as text' };
  } catch (error) {
    const at = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    return {
      message: `is not valid JSON${at === undefined ? '' : ` at its character ${at}`}; scanned as text`,
    };
  }
}

/** Bytes to text: ASCII is copied as it stands, UTF-8 decoded, broken UTF-8 decoded with replacement characters. */
export function decodeText(bytes: Buffer): { text: string; valid: boolean } {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), valid: true };
  return { text: bytes.toString('utf8'), valid: isUtf8(bytes) };
}

function runText({ bytes, overlap, last }: Extract<Job, { type: 'text' }>): JobResult {
  const sightings = new Sightings();
  const { text, valid } = decodeText(Buffer.from(bytes));
  const overlapChars = overlap === 0 ? 0 : decodeText(Buffer.from(bytes, 0, overlap)).text.length;
  const overlapLines = countLines(text, 0, overlapChars);
  const faults: Fault[] = valid
    ? []
    : [{ line: firstBroken(text), message: 'not valid UTF-8; read with the broken bytes replaced' }];
  let at = 0;
  let line = -overlapLines;
  for (const finding of scanText(text)) {
    // The window before has seen what ends in the overlap; the next one will see whole what the end cuts.
    if (finding.end < overlapChars || (!last && finding.end >= text.length)) continue;
    if (finding.start > at) line += countLines(text, at, finding.start);
    at = Math.max(at, finding.start);
    sightings.add(finding, { place: String(line), line });
  }
  return { sighted: sightings.all(), faults, newlines: countLines(text, overlapChars, text.length) };
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

const firstBroken = (text: string): number => countLines(text, 0, Math.max(0, text.indexOf('\ufffd')));
