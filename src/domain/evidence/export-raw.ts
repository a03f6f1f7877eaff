/** Embeds the raw output that entries cite: the bytes as they lie in the evidence folder, so that a change shows. */
import { limits } from '../../kernel/limits.ts';
import { citedRaw, formatRaw, formatRawPart } from './bundle-format.ts';

/** Where raw output is kept. */
export interface RawSource {
  /** Its bytes as they are kept, gzip; nothing when it is not there. */
  stored(sha256: string): Promise<AsyncIterable<Buffer> | undefined>;
}

export interface RawSummary {
  /** Raw outputs that entries cite, and how many of them were embedded. */
  cited: number;
  embedded: number;
  /** The first of those that are not where they were kept. */
  missing: string[];
}

/** Which raw outputs are cited, in the order of the ledger. */
export class RawCitations {
  readonly #hashes = new Set<string>();

  add(text: string): void {
    for (const sha256 of citedRaw(text)) this.#hashes.add(sha256);
  }

  /** Writes each once. What is missing is left out and named; the verifier misses it too. */
  async write(
    source: RawSource,
    write: (lines: readonly string[]) => Promise<unknown>,
    {
      signal,
      onProgress,
    }: { signal?: AbortSignal | undefined; onProgress?(done: number, total: number): void } = {},
  ): Promise<RawSummary> {
    const summary: RawSummary = { cited: this.#hashes.size, embedded: 0, missing: [] };
    let done = 0;
    for (const sha256 of this.#hashes) {
      signal?.throwIfAborted();
      const stored = await source.stored(sha256);
      if (stored) {
        await write([formatRaw(sha256)]);
        for await (const part of partsOf(stored)) await write([formatRawPart(part)]);
        summary.embedded++;
      } else if (summary.missing.length < limits.bundleMissingListedMax) summary.missing.push(sha256);
      onProgress?.(++done, this.#hashes.size);
    }
    return summary;
  }
}

/** Parts of the one length, and a shorter last one. */
async function* partsOf(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const size = limits.bundleRawPartBytes;
  let rest = Buffer.alloc(0);
  for await (const chunk of stored) {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= size; rest = rest.subarray(size)) yield rest.subarray(0, size);
  }
  if (rest.length > 0) yield rest;
}
