/**
 * Takes log files into the lake: of any size, plain or compressed, of any known source; each record once, as an
 * event or as a reject with its reason. Interrupted anywhere, it is run again and goes on.
 */
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Lake } from '../lake.ts';
import type { Source } from '../sources/contract.ts';
import type { Grown, KnownContent } from './grown.ts';
import { HashThread } from './hash.ts';
import { listFiles } from './list-files.ts';
import { loadUnit, type UnitTools } from './load-unit.ts';
import { loadMapping, type Mapping } from './mapping.ts';
import { type PreparedFile, type SightedFile, type Sighting, scanSighted, sightFile } from './prepare.ts';
import { Progress } from './progress.ts';
import { findBegun, findContents, findDone } from './store.ts';
import type { GrownFrom, IngestInput, IngestReport } from './types.ts';

export type {
  IngestedFile,
  IngestInput,
  IngestProgress,
  IngestReport,
  RejectReason,
  UnreadFile,
} from './types.ts';

const turns = new WeakMap<Lake, Promise<unknown>>();

/**
 * Throws for what concerns all files: a lake that is unavailable, an unknown `--source`, an abort. What concerns
 * one file is in the report. Ingests into one lake take turns, so that no file is loaded twice at a time.
 */
export function ingestLogs(lake: Lake, input: IngestInput): Promise<IngestReport> {
  const turn = (turns.get(lake) ?? Promise.resolve()).then(
    () => ingest(lake, input),
    () => ingest(lake, input),
  );
  turns.set(lake, turn);
  return turn;
}

async function ingest(lake: Lake, input: IngestInput): Promise<IngestReport> {
  checkSource(input);
  const { files, failed } = await listFiles(input.paths);
  const thread = HashThread.for(files);
  const run = new IngestRun(lake, input, new Progress(input.onProgress, files), thread);
  run.report.failed.push(...failed);
  try {
    // The shorter first: what has grown from another one is then found to have.
    const sorted = [...files].sort((a, b) => a.bytes - b.bytes);
    // One ahead: while a file is loaded, the next one is hashed.
    let next = run.sight(sorted[0]);
    for (const [index, file] of sorted.entries()) {
      input.signal?.throwIfAborted();
      const sighting = await next;
      next = run.sight(sorted[index + 1]);
      await run.take(file, sighting);
    }
    await run.flush();
  } finally {
    await thread?.close();
  }
  run.report.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return run.report;
}

function checkSource({ source, sources }: IngestInput): void {
  if (source === undefined || sources.some(({ id }) => id === source)) return;
  throw new FirebreakError('bad_input', 'no such source', {
    faults: [{ field: 'source', expected: `one of ${sources.map(({ id }) => id).join(', ')}`, got: source }],
  });
}

class IngestRun {
  readonly report: IngestReport = { files: [], failed: [], empty: [] };
  readonly #lake: Lake;
  readonly #input: IngestInput;
  readonly #progress: Progress;
  readonly #thread: HashThread | undefined;
  readonly #mappings = new Map<Source, Promise<Mapping>>();
  /** By id, files that have nothing new because they are older copies. */
  readonly #copies = new Map<string, GrownFrom>();
  /** Files of known sources that wait to be read, and loaded together where they are small. */
  #sighted: SightedFile[] = [];
  #heads = new Set<string>();
  #bytes = 0;

  constructor(lake: Lake, input: IngestInput, progress: Progress, thread: HashThread | undefined) {
    this.#lake = lake;
    this.#input = input;
    this.#progress = progress;
    this.#thread = thread;
  }

  /** Looks at a file, if there is one. */
  sight(file: { path: string } | undefined): Promise<Sighting | undefined> {
    if (file === undefined) return Promise.resolve(undefined);
    const sighting = sightFile(file.path, this.#input, this.#thread).catch((error: unknown) => {
      this.#fail(file.path, error);
      return undefined;
    });
    // It may fail before it is waited for.
    sighting.catch(() => {});
    return sighting;
  }

  async take(
    { path, bytes }: { path: string; bytes: number },
    sighting: Sighting | undefined,
  ): Promise<void> {
    if (sighting && 'file' in sighting) return this.#add(sighting.file);
    if (sighting && 'empty' in sighting) this.report.empty.push(path);
    else if (sighting) this.report.failed.push({ path, reason: sighting.unknown });
    this.#progress.took('leftOut', bytes);
  }

  /** Of two that may be the same log, the second waits until the first is in the lake. */
  async #add(file: SightedFile): Promise<void> {
    if (this.#heads.has(file.head)) await this.flush();
    this.#sighted.push(file);
    this.#heads.add(file.head);
    this.#bytes += file.bytes;
    if (this.#sighted.length >= limits.ingestGroupFilesMax || this.#bytes >= limits.ingestGroupBytes)
      await this.flush();
  }

  /** Reads and loads what waits, while nobody else takes in the same logs. */
  async flush(): Promise<void> {
    const [sighted, heads] = [this.#sighted, [...this.#heads]];
    this.#sighted = [];
    this.#heads = new Set();
    this.#bytes = 0;
    if (sighted.length === 0) return;
    const release = await this.#input.hold?.(heads);
    try {
      const known = await findContents(this.#lake, heads);
      const group: PreparedFile[] = [];
      for (const file of sighted) {
        const prepared = await this.#prepare(file, known.get(file.head) ?? []);
        if (prepared) group.push(prepared);
      }
      await this.#loadGroup(group);
    } finally {
      await release?.();
    }
  }

  async #prepare(file: SightedFile, known: readonly KnownContent[]): Promise<PreparedFile | undefined> {
    const { path, bytes, source } = file;
    const { host = '' } = this.#input;
    try {
      const like = known.filter((one) => one.source === source.id && one.host === host);
      const [prepared] = await Promise.all([
        scanSighted(file, like, {
          signal: this.#input.signal,
          onBytes: (done) => this.#progress.scanning(path, done),
        }),
        this.#mappingOf(source),
      ]);
      this.#progress.took('prepared', prepared.scan.bytes);
      return prepared;
    } catch (error) {
      this.#fail(path, error);
      this.#progress.took('leftOut', bytes);
      return undefined;
    }
  }

  /** Small files of one source in one statement, large ones by themselves. */
  async #loadGroup(group: readonly PreparedFile[]): Promise<void> {
    if (group.length === 0) return;
    const ids = group.map(({ scan }) => scan.fileId);
    const [begun, done] = await Promise.all([findBegun(this.#lake, ids), findDone(this.#lake, ids)]);
    const units = new Map<string, PreparedFile[]>();
    const seen = new Set(done.keys());
    const again = new Set<PreparedFile>();
    for (const file of group) {
      const { fileId, grown } = file.scan;
      if (seen.has(fileId)) {
        again.add(file);
        this.#progress.took('loaded', file.scan.bytes);
      } else {
        const key = unitOf(file);
        units.set(key, [...(units.get(key) ?? []), file]);
      }
      if (grown?.isSame) again.add(file);
      seen.add(fileId);
    }
    for (const files of units.values()) await this.#load(files, begun);
    await this.#conclude(group, again);
  }

  #mappingOf(source: Source): Promise<Mapping> {
    const mapping = this.#mappings.get(source) ?? loadMapping(this.#lake, source);
    this.#mappings.set(source, mapping);
    return mapping;
  }

  async #load(files: readonly PreparedFile[], begun: ReadonlySet<string>): Promise<void> {
    const [first] = files;
    if (!first) return;
    const bytes = files.reduce((sum, { scan }) => sum + scan.bytes, 0);
    const tools: UnitTools = {
      lake: this.#lake,
      mapping: await this.#mappingOf(first.source),
      host: this.#input.host ?? '',
      signal: this.#input.signal,
      onShare: (share) => this.#progress.loading(first.path, files.length, bytes, share),
    };
    try {
      const copies = await loadUnit(tools, { files, begun });
      for (const [fileId, copy] of copies) this.#copies.set(fileId, copy);
    } catch (error) {
      this.#input.signal?.throwIfAborted();
      // Where several were loaded at once, the others must not suffer for one.
      if (files.length > 1) {
        const ids = new Set(files.map(({ scan }) => scan.fileId));
        for (const file of files) await this.#load([file], ids);
        return;
      }
      this.#fail(first.path, error);
    }
    this.#progress.took('loaded', bytes, files.length);
  }

  /** Reads from the lake what has become of each file. */
  async #conclude(group: readonly PreparedFile[], again: ReadonlySet<PreparedFile>): Promise<void> {
    const done = await findDone(
      this.#lake,
      group.map(({ scan }) => scan.fileId),
    );
    for (const file of group) {
      const one = done.get(file.scan.fileId);
      if (!one) continue;
      const copy = this.#copies.get(file.scan.fileId);
      this.report.files.push({
        ...one,
        path: file.path,
        state: copy || again.has(file) ? 'already' : 'ingested',
        grownFrom: copy ?? grownFrom(file.scan.grown),
      });
    }
  }

  /** What is wrong with one file leaves the others alone; what is wrong with the lake, or an abort, does not. */
  #fail(path: string, error: unknown): void {
    this.#input.signal?.throwIfAborted();
    if (error instanceof FirebreakError && ['unavailable', 'in_use', 'internal'].includes(error.code))
      throw error;
    this.report.failed.push({ path, reason: messageOf(error) });
  }
}

/** Files with the same key may be loaded by one statement. */
const unitOf = ({ source, scan }: PreparedFile): string =>
  scan.contentBytes > limits.ingestGroupBytes / 4 ? scan.fileId : source.id;

function grownFrom(grown: Grown | undefined): GrownFrom | null {
  if (grown === undefined) return null;
  const { fileId, path } = grown.from;
  return { fileId, path, records: grown.skipped.records, cut: grown.cut };
}
