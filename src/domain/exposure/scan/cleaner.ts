/** Takes the secrets out of a parsed entry and makes sure that none is left. */
import type { Fingerprinter } from '../../../kernel/hash.ts';
import { Redactor } from './redactor.ts';
import { decodeBody, scanEntry } from './scan-entry.ts';
import { Sightings } from './sightings.ts';
import type { Sighted } from './types.ts';

export type Cleaned = { text: string; message?: undefined } | { text?: undefined; message: string };

/** A secret may show only after another one around it is replaced; more than a few rounds means that it can't be got at. */
const roundsMax = 4;

/** Short secrets of one entry are ordinary words in another, so only longer ones are replaced everywhere. */
const everywhereFrom = 8;

/** Fields that hold no secret and must keep their form. */
const structural: ReadonlySet<string> = new Set([
  'startedDateTime',
  'httpVersion',
  'method',
  'mimeType',
  'encoding',
  'version',
]);

export class Cleaner {
  readonly #fingerprinter: Fingerprinter;
  /** All secrets of the file. */
  readonly #everywhere = new Redactor();
  readonly #fingerprints = new Set<string>();

  constructor(fingerprinter: Fingerprinter) {
    this.#fingerprinter = fingerprinter;
  }

  /** How many different secrets are known. */
  get size(): number {
    return this.#fingerprints.size;
  }

  learn(found: readonly Sighted[]): void {
    for (const { value, sightings } of found) {
      const mark = this.#mark(value, sightings[0]?.kind);
      if (value.length >= everywhereFrom) this.#everywhere.addValue(value, mark);
    }
  }

  /** `entry` as JSON without secrets, or why it can't be had. */
  clean(entry: Record<string, unknown>): Cleaned {
    const here = new Redactor();
    let cleaned = entry;
    let found = secretsIn(entry);
    for (let round = 0; round < roundsMax; round++) {
      for (const { value, carriers, sightings } of found) {
        const mark = this.#mark(value, sightings[0]?.kind);
        here.addValue(value, mark);
        // The encoded form goes only when the value could not be replaced in it, for it takes more with it.
        if (round > 0) for (const carrier of carriers) here.add(carrier, mark);
      }
      cleaned = this.#replaced(cleaned, here) as Record<string, unknown>;
      found = secretsIn(cleaned);
      if (found.length === 0) return { text: JSON.stringify(cleaned) };
    }
    return { message: 'still shows a secret after it was cleaned' };
  }

  #mark(value: string, kind: string | undefined): string {
    const fingerprint = this.#fingerprinter.ofText(value);
    this.#fingerprints.add(fingerprint);
    return `[redacted:${kind ?? 'secret'}:${fingerprint.slice('hs256:'.length, 'hs256:'.length + 8)}]`;
  }

  #replaced(value: unknown, here: Redactor): unknown {
    if (typeof value === 'string') return here.replaceIn(this.#everywhere.replaceIn(value));
    if (Array.isArray(value)) return value.map((item) => this.#replaced(item, here));
    if (typeof value !== 'object' || value === null) return value;
    const isEncoded = 'encoding' in value && value.encoding === 'base64';
    const members = Object.entries(value).map(([key, item]) => {
      if (structural.has(key)) return [key, item];
      const clean =
        isEncoded && key === 'text' && typeof item === 'string'
          ? this.#inBase64(item, here)
          : this.#replaced(item, here);
      return [this.#everywhere.replaceIn(key), clean];
    });
    return Object.fromEntries(members);
  }

  #inBase64(encoded: string, here: Redactor): string {
    const { text, charset } = decodeBody(Buffer.from(encoded, 'base64'));
    const clean = here.replaceIn(this.#everywhere.replaceIn(text));
    return clean === text ? encoded : Buffer.from(clean, charset).toString('base64');
  }
}

function secretsIn(entry: Record<string, unknown>): Sighted[] {
  const sightings = new Sightings();
  scanEntry(entry, { number: 0, line: 0 }, sightings);
  return sightings.all();
}
