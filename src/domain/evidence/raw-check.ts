/** Checks the raw output in a bundle against the entries that cite it, a part at a time, whatever its size. */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';
import { messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { citedRaw, parseRaw, parseRawPart } from './bundle-format.ts';

/** What is wrong, and with which raw output. */
export type RawFault = (expected: string, got: string, field: string) => void;

/** One raw output on its way through. */
interface Open {
  sha256: string;
  hash: Hash;
  gunzip: Gunzip;
  /** Settles when all of it was unpacked; with what is wrong where that can't be. */
  unpacked: Promise<string | undefined>;
  /** A part that is shorter than the others was the last one. */
  isLast: boolean;
}

export class RawCheck {
  /** What entries cite, and which entry is the first to do so; nothing once it was found. */
  readonly #cited = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #fault: RawFault;
  #open: Open | undefined;
  found = 0;

  constructor(fault: RawFault) {
    this.#fault = fault;
  }

  get cited(): number {
    return this.#cited.size;
  }

  /** The text of an entry. */
  cite(seq: number, text: string): void {
    for (const sha256 of citedRaw(text)) if (!this.#cited.has(sha256)) this.#cited.set(sha256, seq);
  }

  /** `raw <sha256>` */
  async begin(line: string): Promise<void> {
    await this.#close();
    const parsed = parseRaw(line);
    if (!parsed.ok) return this.#fault(parsed.error, line.slice(0, 80), 'raw');
    const sha256 = parsed.value;
    if (!this.#cited.has(sha256))
      this.#fault('raw output that an entry cites', 'one that none does', `raw ${sha256}`);
    else if (this.#seen.has(sha256)) this.#fault('each raw output once', 'a second time', `raw ${sha256}`);
    this.#seen.add(sha256);
    this.#open = openRaw(sha256);
  }

  /** `data <base64>` */
  async part(line: string): Promise<void> {
    const open = this.#open;
    if (!open) return this.#fault('raw <sha256> before its data', 'data', 'raw');
    const field = `raw ${open.sha256}`;
    const part = parseRawPart(line);
    if (!part.ok) return this.#fault(part.error, line.slice(0, 80), field);
    if (open.isLast)
      this.#fault(`parts of ${limits.bundleRawPartBytes} bytes`, 'a shorter one before the last', field);
    open.isLast = part.value.length < limits.bundleRawPartBytes;
    if (!open.gunzip.destroyed && !open.gunzip.write(part.value))
      await Promise.race([once(open.gunzip, 'drain').catch(() => undefined), open.unpacked]);
  }

  /** Ends the raw output, and says which ones are missing from a bundle that has them. */
  async end(): Promise<void> {
    await this.#close();
    let listed = 0;
    for (const [sha256, seq] of this.#cited) {
      if (this.#seen.has(sha256)) continue;
      if (listed++ === limits.bundleMissingListedMax) return;
      this.#fault('the raw output that the entry cites', 'nothing', `raw ${sha256} of entry ${seq}`);
    }
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    open.gunzip.end();
    const field = `raw ${open.sha256} of entry ${this.#cited.get(open.sha256) ?? '?'}`;
    const broken = await open.unpacked;
    const digest = open.hash.digest('hex');
    if (broken !== undefined) this.#fault('raw output that can be unpacked', broken, field);
    else if (digest !== open.sha256)
      this.#fault(`raw output with the SHA-256 that the ledger says, ${open.sha256}`, digest, field);
    else if (this.#cited.has(open.sha256)) this.found++;
  }
}

function openRaw(sha256: string): Open {
  const hash = createHash('sha256');
  const gunzip = createGunzip();
  const unpacked = new Promise<string | undefined>((resolve) => {
    gunzip.on('data', (chunk: Buffer) => hash.update(chunk));
    gunzip.once('end', () => resolve(undefined));
    gunzip.once('error', (error) => resolve(messageOf(error)));
  });
  return { sha256, hash, gunzip, unpacked, isLast: false };
}
