/** How far an ingest is, in bytes as they are delivered: reading a file over counts for a part, loading it for the rest. */
import type { IngestProgress } from './types.ts';

const scanShare = 0.2;
/** What a step is of the whole work on a file. */
const shares = { prepared: scanShare, loaded: 1 - scanShare, leftOut: 1 } as const;

export class Progress {
  readonly #report: ((progress: IngestProgress) => void) | undefined;
  readonly #bytesTotal: number;
  readonly #filesTotal: number;
  #bytes = 0;
  /** Like the bytes, in shares: a file that waits to be loaded counts for a part. */
  #files = 0;
  #path = '';

  constructor(report: ((progress: IngestProgress) => void) | undefined, files: readonly { bytes: number }[]) {
    this.#report = report;
    this.#filesTotal = files.length;
    this.#bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  scanning(path: string, bytes: number): void {
    this.#path = path;
    this.#say(bytes * scanShare, 0);
  }

  /** `share` of the load of these files is done. */
  loading(path: string, files: number, bytes: number, share: number): void {
    this.#path = path;
    const done = shares.loaded * Math.min(1, share);
    this.#say(bytes * done, files * done);
  }

  /** A step on files is done: it stays counted, whatever comes next. */
  took(step: keyof typeof shares, bytes: number, files = 1): void {
    this.#bytes += bytes * shares[step];
    this.#files += files * shares[step];
    this.#say(0, 0);
  }

  #say(bytes: number, files: number): void {
    this.#report?.({
      bytesDone: Math.min(this.#bytesTotal, Math.round(this.#bytes + bytes)),
      bytesTotal: this.#bytesTotal,
      // Shares of many files add up to whole ones but for the last digits.
      files: Math.min(this.#filesTotal, Math.floor(this.#files + files + 1e-6)),
      filesTotal: this.#filesTotal,
      path: this.#path,
    });
  }
}
