/** What is known of a file before any of it is loaded: its source, its hash, what its lines are like. */
import { stat } from 'node:fs/promises';
import type { Compression } from '../lake.ts';
import type { Source } from '../sources/contract.ts';
import { detectCompression } from './pieces.ts';
import { recognise } from './recognise.ts';
import { type Scan, scanFile } from './scan.ts';
import type { IngestInput } from './types.ts';

export interface PreparedFile {
  path: string;
  compression: Compression;
  source: Source;
  scan: Scan;
  /** When its content was changed last, for formats whose times have no year. */
  modified: Date;
  /** The same to the file system's own precision. */
  modifiedMs: number;
}

export type Preparation = { file: PreparedFile } | { empty: true } | { unknown: string };

export async function prepareFile(
  path: string,
  { sources, source, signal }: IngestInput,
  onBytes: (bytes: number) => void,
): Promise<Preparation> {
  const { mtime, mtimeMs } = await stat(path);
  const compression = await detectCompression(path);
  const recognition = await recognise(path, compression, sources, source);
  if (!('source' in recognition)) return recognition;
  const fields = recognition.source.framing === 'json' ? (recognition.source.recordsFields ?? []) : [];
  const scan = await scanFile(path, compression, fields, { signal, onBytes });
  return {
    file: { path, compression, source: recognition.source, scan, modified: mtime, modifiedMs: mtimeMs },
  };
}

/** Whether the file is still what was scanned, as far as its size and time of change tell. */
export async function isUnchanged({ path, scan, modifiedMs }: PreparedFile): Promise<boolean> {
  const { size, mtimeMs } = await stat(path);
  return size === scan.bytes && mtimeMs === modifiedMs;
}
