/**
 * Rejects that were decided here, kept in a file until all else of a load has arrived: a batch that fails is
 * taken out of the lake by its line numbers, and must not take these along.
 */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lake } from '../lake.ts';
import { encodeRow } from './row-binary.ts';

export interface SpooledReject {
  fileId: string;
  line: number;
  source: string;
  reason: string;
  raw: Uint8Array;
}

export class RejectSpool {
  #folder: string | undefined;
  #file: FileHandle | undefined;

  async add({ fileId, line, source, reason, raw }: SpooledReject): Promise<void> {
    this.#file ??= await this.#open();
    await this.#file.write(encodeRow([fileId, BigInt(line), source, reason, raw]));
  }

  async #open(): Promise<FileHandle> {
    this.#folder = await mkdtemp(join(tmpdir(), 'firebreak-rejects-'));
    return open(this.#path, 'a', 0o600);
  }

  get #path(): string {
    return join(this.#folder ?? '', 'rejects.bin');
  }

  /** Writes them into the lake. */
  async insertInto(lake: Lake): Promise<void> {
    if (this.#file === undefined) return;
    const names = 'file_id, line, source, reason, raw';
    await lake.insert(`INSERT INTO rejects (${names}) SELECT ${names} FROM {input}`, {
      format: 'RowBinary',
      structure: 'file_id String, line UInt64, source String, reason String, raw String',
      path: this.#path,
    });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}
