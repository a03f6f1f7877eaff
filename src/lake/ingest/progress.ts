/** How far an ingest is, in bytes as they are delivered: reading a file over counts for a part, loading it for the rest. */
import type { IngestProgress } from './types.ts';

const scanShare = 0.2;

export class Progress {
  readonly #report: ((progress: IngestProgress) => void) | undefined;
  readonly #bytesTotal: number;
  readonly #filesTotal: number;
  #bytesBefore = 0;
  #files = 0;
  #path = '';

  constructor(report: ((progress: IngestProgress) => void) | undefined, files: readonly { bytes: number }[]) {
    this.#report = report;
    this.#filesTotal = files.length;
    this.#bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  scanning(path: string, bytes: number): void {
    this.#path = path;
    this.#say(bytes * scanShare);
  }

  /** `share` of the load of `bytes` is done. */
  loading(path: string, bytes: number, share: number): void {
    this.#path = path;
    this.#say(bytes * (scanShare + (1 - scanShare) * Math.min(1, share)));
  }

  finished(files: number, bytes: number): void {
    this.#files += files;
    this.#bytesBefore += bytes;
    this.#say(0);
  }

  #say(more: number): void {
    this.#report?.({
      bytesDone: Math.min(this.#bytesTotal, Math.round(this.#bytesBefore + more)),
      bytesTotal: this.#bytesTotal,
      files: this.#files,
      filesTotal: this.#filesTotal,
      path: this.#path,
    });
  }
}
