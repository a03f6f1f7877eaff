/** Writes sanitised copies of HAR files into a folder, under the names that they have. The originals stay as they are. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { sanitiseHar } from './scan/index.ts';
import { walk } from './scan/walk.ts';

/** `total = written + skipped + failed`. */
export interface SanitiseSummary {
  folder: string;
  total: number;
  written: {
    file: string;
    copy: string;
    entries: number;
    dropped: number;
    secrets: number;
    errors: string[];
  }[];
  /** Not HAR files; nothing was written for them. */
  skipped: { file: string; reason: string }[];
  failed: { file: string; reason: string }[];
}

interface SanitiseFilesOptions {
  signal: AbortSignal;
  onProgress?: (bytesDone: number, bytesTotal: number) => void;
}

/** Goes through files and folders; one that can't be sanitised is listed, and the rest goes on. */
export async function sanitiseFiles(
  context: Context,
  paths: readonly string[],
  folder: string,
  { signal, onProgress }: SanitiseFilesOptions,
): Promise<SanitiseSummary> {
  const summary: SanitiseSummary = { folder, total: 0, written: [], skipped: [], failed: [] };
  const files = await listFiles(paths, summary, signal);
  const bytesTotal = files.reduce((sum, file) => sum + file.bytes, 0);
  let bytesDone = 0;
  for (const { path, bytes } of files) {
    signal.throwIfAborted();
    await sanitiseOne(context, path, join(folder, await nameIn(paths, path)), summary, signal);
    bytesDone += bytes;
    onProgress?.(bytesDone, bytesTotal);
  }
  return summary;
}

async function listFiles(paths: readonly string[], summary: SanitiseSummary, signal: AbortSignal) {
  const files: { path: string; bytes: number }[] = [];
  for await (const found of walk(paths, [])) {
    signal.throwIfAborted();
    summary.total++;
    if (found.type === 'file') files.push(found);
    else if (found.type === 'error') summary.failed.push({ file: found.path, reason: found.message });
    else summary.skipped.push({ file: found.path, reason: found.reason });
  }
  return files;
}

/** The path below the folder that was given, or the name of a file that was given itself. */
async function nameIn(paths: readonly string[], file: string): Promise<string> {
  for (const path of paths) {
    const below = relative(resolve(path), resolve(file));
    if (below === '') return basename(file);
    if (!below.startsWith('..') && (await stat(path)).isDirectory())
      return join(basename(resolve(path)), below);
  }
  return basename(file);
}

async function sanitiseOne(
  context: Context,
  file: string,
  copy: string,
  summary: SanitiseSummary,
  signal: AbortSignal,
): Promise<void> {
  try {
    await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
    const { errors, ...counts } = await sanitiseHar(file, copy, {
      fingerprinter: context.fingerprinter,
      signal,
    });
    const described = errors.map(({ entry, line, message }) =>
      [entry === undefined ? `line ${line ?? '?'}` : `entry ${entry}`, message].join(': '),
    );
    summary.written.push({ file, copy, ...counts, errors: described });
  } catch (error) {
    signal.throwIfAborted();
    const isOther = error instanceof FirebreakError && error.code === 'bad_input' && !/\.har$/i.test(file);
    (isOther ? summary.skipped : summary.failed).push({ file, reason: messageOf(error) });
  }
}
