/** What is known of a file before any of it is loaded: its source, its hash, what its lines are like. */
import { stat } from 'node:fs/promises';
import type { Compression } from '../lake.ts';
import type { Source } from '../sources/contract.ts';
import { type KnownContent, measureGrown } from './grown.ts';
import { type Hasher, type HashThread, newHasher } from './hash.ts';
import type { MappedFile } from './mapping.ts';
import { byteOrderMark, detectCompression } from './pieces.ts';
import { newSplitter, recognise } from './recognise.ts';
import { type Scan, type ScanOptions, scanFile } from './scan.ts';
import { LineSplitter } from './split/lines.ts';
import type { Splitter } from './split/splitter.ts';
import type { IngestInput } from './types.ts';

/** A file of a known source, before it is read whole. */
export interface SightedFile {
  path: string;
  bytes: number;
  compression: Compression;
  source: Source;
  /** What it has in common with files that it may have grown from. */
  head: string;
  /** When its content was changed last, for formats whose times have no year. */
  modified: Date;
  /** The same to the file system's own precision. */
  modifiedMs: number;
  hasher: Hasher;
}

export interface PreparedFile extends SightedFile {
  scan: Scan;
  /** Longer contents that begin with the same line: it may be an older copy of one of them. */
  longer: readonly KnownContent[];
}

export type Sighting = { file: SightedFile } | { empty: true } | { unknown: string };

/** Looks at its beginning. A large file of a known source is hashed from then on, where there is a thread for it. */
export async function sightFile(
  path: string,
  { sources, source }: IngestInput,
  thread: HashThread | undefined,
): Promise<Sighting> {
  const { mtime, mtimeMs, size } = await stat(path);
  const compression = await detectCompression(path);
  const recognition = await recognise(path, compression, sources, source);
  if (!('source' in recognition)) return recognition;
  return {
    file: {
      path,
      bytes: size,
      compression,
      ...recognition,
      modified: mtime,
      modifiedMs: mtimeMs,
      hasher: newHasher(path, size, thread),
    },
  };
}

/** Reads it whole. `known` is what its content may begin with. */
export async function scanSighted(
  file: SightedFile,
  known: readonly KnownContent[],
  options: Omit<ScanOptions, 'known'>,
): Promise<PreparedFile> {
  const { path, compression, source } = file;
  const { found, ...scan } = await scanFile(file, { ...options, known });
  const longer = known.filter((one) => one.contentBytes > scan.contentBytes);
  // The same file once more has grown from nothing.
  if (found === undefined || found.fileId === scan.fileId) return { ...file, scan, longer };
  const markBytes = scan.marked ? byteOrderMark.length : 0;
  const content = { path, compression, source, contentBytes: scan.contentBytes, markBytes };
  const grown = await measureGrown(content, found, splitterOf({ source, scan }), options.signal);
  return { ...file, scan: { ...scan, grown }, longer };
}

/** As its records are cut where the engine does not read it itself. */
export const splitterOf = ({ source, scan }: Pick<PreparedFile, 'source' | 'scan'>): Splitter =>
  scan.objects && source.framing === 'json' ? new LineSplitter() : newSplitter(source);

/** What its mapping is told of it. */
export const asMapped = ({ scan, modified }: PreparedFile): MappedFile => ({
  fileId: scan.fileId,
  enveloped: scan.enveloped,
  modified,
});

/** Whether the file is still what was scanned, as far as its size and time of change tell. */
export async function isUnchanged({ path, scan, modifiedMs }: PreparedFile): Promise<boolean> {
  const { size, mtimeMs } = await stat(path);
  return size === scan.bytes && mtimeMs === modifiedMs;
}
