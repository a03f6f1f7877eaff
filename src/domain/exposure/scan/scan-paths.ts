/** Walks the given paths, scans what lies there, and reports it as a stream of events. */
import { availableParallelism } from 'node:os';
import { messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { FilePlaces } from './places.ts';
import { openRunner } from './runner.ts';
import { type Scanning, type Step, scanFile, skippedFile } from './scan-file.ts';
import type { ScanEvent, ScanOptions } from './types.ts';
import { walk } from './walk.ts';

/** Progress is reported at most so often. */
const progressMs = 100;

/**
 * Scans files, folders and archives for secrets. Yields each secret with its places, each fault of a file (the
 * scan goes on after it), each file with what became of it, and progress. Throws only when `signal` aborts.
 */
export async function* scanPaths(paths: readonly string[], options: ScanOptions): AsyncGenerator<ScanEvent> {
  const { fingerprinter, signal, exclude = [] } = options;
  const bytesTotal = await measure(paths, exclude, signal);
  await using runner = openRunner(
    options.threads ?? (bytesTotal < limits.scanThreadsBytesMin ? 0 : availableParallelism()),
  );
  const done = { bytes: 0, files: 0 };
  const scanning: Scanning = {
    fingerprinter,
    signal,
    runner,
    archiveBytesMax: limits.scanArchiveBytesMax,
    onBytes: (count) => {
      done.bytes += count;
    },
  };
  const progress = (): ScanEvent => ({
    type: 'progress',
    bytesDone: Math.min(done.bytes, bytesTotal),
    bytesTotal,
    filesDone: done.files,
  });
  let reportedMs = performance.now();
  yield progress();
  for await (const step of ahead(steps(paths, exclude, scanning), runner.width * 2 + 1)) {
    signal.throwIfAborted();
    yield* eventsOf(step);
    if (step.type === 'end' && !step.file.isMember) done.files++;
    if (performance.now() - reportedMs < progressMs) continue;
    reportedMs = performance.now();
    yield progress();
  }
  yield progress();
}

async function measure(
  paths: readonly string[],
  exclude: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  for await (const found of walk(paths, exclude)) {
    signal.throwIfAborted();
    if (found.type === 'file') bytes += found.bytes;
  }
  return bytes;
}

async function* steps(
  paths: readonly string[],
  exclude: readonly string[],
  scanning: Scanning,
): AsyncGenerator<Step> {
  for await (const found of walk(paths, exclude)) {
    scanning.signal.throwIfAborted();
    const name = printable(found.path, 4_096);
    if (found.type === 'file') yield* scanFile(found.path, name, found.bytes, scanning);
    else if (found.type === 'error') yield { type: 'error', file: name, message: found.message };
    else yield { type: 'end', file: skippedFile(name, found.reason, scanning) };
  }
}

/** The items of `source`, which is asked for up to `count` of them before the first is taken. */
async function* ahead<T>(source: AsyncGenerator<T>, count: number): AsyncGenerator<T> {
  const waiting: T[] = [];
  try {
    for (;;) {
      const next = waiting.length < count ? await source.next() : undefined;
      if (next?.done) break;
      if (next) waiting.push(next.value);
      if (waiting.length === count) yield waiting.shift() as T;
    }
    yield* waiting;
  } finally {
    await source.return(undefined);
  }
}

async function* eventsOf(step: Step): AsyncGenerator<ScanEvent> {
  if (step.type === 'error') return yield step;
  if (step.type === 'end') {
    yield* hitsOf(step.file);
    const { file, format, bytes, hits, skipped } = step.file;
    return yield { type: 'file', file, format, bytes, hits, ...(skipped === undefined ? {} : { skipped }) };
  }
  const { file, line } = step;
  try {
    for (const error of file.add(await step.result, line)) yield { type: 'error', ...error };
  } catch (error) {
    yield {
      type: 'error',
      file: file.file,
      line,
      message: `a part of the file is not scanned: ${messageOf(error)}`,
    };
  }
  if (file.isFull) yield* hitsOf(file);
}

function* hitsOf(file: FilePlaces): Generator<ScanEvent> {
  for (const hit of file.take()) yield { type: 'hit', hit };
}
