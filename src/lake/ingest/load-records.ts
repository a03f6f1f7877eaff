/**
 * Loads files by cutting them into records here: for JSON lists, CSV, very long lines, many small files at once,
 * and for an engine that can't read our files. A batch that the engine fails on is halved until the record at
 * fault is alone; that one is rejected with the engine's words.
 */
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { EngineDied } from '../embedded/process.ts';
import type { Lake } from '../lake.ts';
import { type Mapping, type MappingInsert, mappingInsert, recordNumber, splitNumber } from './mapping.ts';
import { byteOrderMark, readPieces } from './pieces.ts';
import { asMapped, type PreparedFile, splitterOf } from './prepare.ts';
import { RejectSpool } from './reject-spool.ts';
import { firstOf, halve, lastOf, type RecordBatch, RecordWriter, recordStructure } from './row-binary.ts';
import type { CutRecord, LineCount } from './split/splitter.ts';

export interface LoadTools {
  lake: Lake;
  mapping: Mapping;
  host: string;
  signal: AbortSignal | undefined;
  /** How much of the unit is loaded, from 0 to 1. */
  onShare(share: number): void;
  /** Whether a record that the engine dies of is given up; if not, the death is thrown. */
  outlivesDeath: boolean;
}

/** Returns what was cut from each file. Throws what the engine throws for several files, or once too many. */
export async function loadRecords(tools: LoadTools, files: readonly PreparedFile[]): Promise<LineCount[]> {
  const loader = new RecordLoader(tools, files);
  try {
    const counts: LineCount[] = [];
    for (const [index, file] of files.entries()) counts.push(await loader.load(index, file));
    await loader.end();
    return counts;
  } finally {
    await loader.close();
  }
}

class RecordLoader {
  readonly #tools: LoadTools;
  readonly #files: readonly PreparedFile[];
  readonly #ids: string[];
  readonly #insert: MappingInsert;
  readonly #writer: RecordWriter;
  readonly #underWay = new Set<Promise<void>>();
  #failed: { error: unknown } | undefined;
  readonly #rejects = new RejectSpool();
  #failures = 0;
  #bytesDone = 0;
  readonly #bytesTotal: number;

  constructor(tools: LoadTools, files: readonly PreparedFile[]) {
    this.#tools = tools;
    this.#files = files;
    this.#ids = files.map(({ scan }) => scan.fileId);
    this.#insert = mappingInsert(tools.mapping, 'SELECT number, line FROM {input}', {
      host: tools.host,
      files: files.map(asMapped),
    });
    this.#bytesTotal = files.reduce((sum, { scan }) => sum + scan.contentBytes, 0);
    const bytes = Math.min(limits.ingestSegmentBytes, this.#bytesTotal);
    this.#writer = new RecordWriter(bytes + Math.ceil(bytes / 4) + 1024);
  }

  async load(index: number, file: PreparedFile): Promise<LineCount> {
    const splitter = splitterOf(file);
    const { after = 0, skipped } = file.scan.grown ?? {};
    const count: LineCount = { records: 0, numbers: 0n, blank: 0 };
    const take = async (cut: readonly CutRecord[]): Promise<void> => {
      for (const record of cut) {
        if (record.number <= after) continue;
        count.records++;
        count.numbers += BigInt(record.number);
        await this.#add(index, record);
      }
    };
    let marked = file.scan.marked;
    for await (const piece of readPieces(file.path, file.compression, { signal: this.#tools.signal })) {
      await take(splitter.push(marked ? piece.subarray(byteOrderMark.length) : piece));
      marked = false;
      this.#bytesDone += piece.length;
      this.#tools.onShare(this.#bytesDone / this.#bytesTotal);
    }
    await take(splitter.end());
    return { ...count, blank: splitter.blank - (skipped?.blank ?? 0) };
  }

  async #add(index: number, { number, bytes, fault }: CutRecord): Promise<void> {
    if (fault !== '') await this.#reject({ file: index, line: number }, fault, bytes);
    else {
      if (this.#writer.used > 0 && this.#writer.used + bytes.length > limits.ingestSegmentBytes)
        await this.#flush();
      this.#writer.add(recordNumber(index, number), bytes);
    }
  }

  /** Hands over what was collected; waits where too much is under way. */
  async #flush(): Promise<void> {
    this.#throwFailure();
    if (this.#writer.used === 0) return;
    while (this.#underWay.size >= limits.ingestSegmentsMax) await Promise.race(this.#underWay);
    this.#throwFailure();
    const sent: Promise<void> = this.#send(this.#writer.take())
      .catch((error: unknown) => {
        this.#failed ??= { error };
      })
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }

  #throwFailure(): void {
    if (this.#failed) throw this.#failed.error;
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#settle();
    this.#throwFailure();
    await this.#rejects.insertInto(this.#tools.lake);
  }

  /** Until nothing is under way any more. */
  async #settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay);
  }

  async close(): Promise<void> {
    await this.#settle();
    await this.#rejects.close();
  }

  async #send(batch: RecordBatch): Promise<void> {
    const { lake, signal } = this.#tools;
    try {
      await lake.insert(
        this.#insert.sql,
        { format: 'RowBinary', structure: recordStructure, bytes: [batch.bytes] },
        this.#insert.parameters,
        signal === undefined ? {} : { signal },
      );
    } catch (error) {
      if (!this.#isOfRecord(error)) throw error;
      await this.#eraseBatch(batch);
      if (batch.rows === 1) await this.#giveUp(batch, error);
      else for (const half of halve(batch)) await this.#send(half);
    }
  }

  /** Whether the engine's failure may be that of one record. Several files are then loaded one by one first. */
  #isOfRecord(error: unknown): boolean {
    if (this.#files.length > 1 || !(error instanceof FirebreakError)) return false;
    if (error.cause instanceof EngineDied) return this.#tools.outlivesDeath;
    return error.code === 'bad_input' || error.code === 'limit_exceeded';
  }

  async #giveUp(batch: RecordBatch, error: unknown): Promise<void> {
    if (++this.#failures > limits.ingestFailuresMax)
      throw new FirebreakError(
        'limit_exceeded',
        `the engine failed on more than ${limits.ingestFailuresMax} records of the file: ${messageOf(error)}`,
        { cause: error },
      );
    const { number, record } = firstOf(batch);
    const reason = `the engine failed on this record: ${messageOf(error).slice(0, limits.huntMessageCharsMax)}`;
    await this.#reject(splitNumber(number), reason, record.subarray(0, limits.ingestRejectRawBytesMax));
  }

  /** Only one file is loaded, so a batch is a range of its lines. */
  async #eraseBatch(batch: RecordBatch): Promise<void> {
    const { lake, mapping } = this.#tools;
    const range = {
      id: this.#ids[0] ?? '',
      from: splitNumber(firstOf(batch).number).line,
      to: splitNumber(lastOf(batch).number).line,
    };
    const there = 'file_id = {id:String} AND line BETWEEN {from:UInt64} AND {to:UInt64}';
    const [row] = await lake.rows<{ events: number; rejects: number }>(
      `SELECT (SELECT count() FROM events WHERE source = {source:String} AND ${there}) AS events,
         (SELECT count() FROM rejects WHERE ${there}) AS rejects`,
      { ...range, source: mapping.source.id },
    );
    if (row?.events) await lake.erase('events', there, range);
    if (row?.rejects) await lake.erase('rejects', there, range);
  }

  async #reject(at: { file: number; line: number }, reason: string, raw: Buffer): Promise<void> {
    const { id } = this.#tools.mapping.source;
    await this.#rejects.add({ fileId: this.#ids[at.file] ?? '', line: at.line, source: id, reason, raw });
  }
}
