/** What a scan knows of one file: the secrets found so far, by fingerprint, and where they stand. */
import type { Fingerprint, Fingerprinter } from '../../../kernel/hash.ts';
import { limits } from '../../../kernel/limits.ts';
import { Secret } from '../../../kernel/secret.ts';
import type { JobResult } from './jobs.ts';
import type { FileFormat, Hit, ScanError, Sighted, Sighting } from './types.ts';

interface Known {
  secret: Secret;
  sightings: Sighting[];
  places: number;
}

export class FilePlaces {
  readonly file: string;
  /** Whether the file is a member of an archive and not itself one of the files that were given. */
  readonly isMember: boolean;
  format: FileFormat = 'other';
  skipped: string | undefined;
  bytes = 0;
  hits = 0;
  readonly #fingerprinter: Fingerprinter;
  /** Lines of the text before the next window. */
  #lines = 0;
  #brokenText = false;
  #bySecret = new Map<Fingerprint, Known>();

  constructor(file: string, fingerprinter: Fingerprinter, isMember = false) {
    this.file = file;
    this.isMember = isMember;
    this.#fingerprinter = fingerprinter;
  }

  /** Takes in a job's result, in the order of the file. `line`: the line where a text begins that is not the whole file. */
  add(result: JobResult, line?: number): ScanError[] {
    const base = line ?? this.#lines + 1;
    for (const sighted of result.sighted) this.#see(sighted, base);
    this.#lines += result.newlines;
    return result.faults.flatMap((fault) => this.#error(fault, base));
  }

  #error({ entry, line, message }: JobResult['faults'][number], base: number): ScanError[] {
    if (entry !== undefined) return [{ file: this.file, entry, line, message }];
    // One line says it for a whole text: each of its windows finds the same.
    if (this.#brokenText) return [];
    this.#brokenText = true;
    return [{ file: this.file, line: base + line, message }];
  }

  #see({ value, sightings, places }: Sighted, base: number): void {
    const secret = new Secret(value);
    const fingerprint = this.#fingerprinter.of(secret);
    const known = this.#bySecret.get(fingerprint) ?? { secret, sightings: [], places: 0 };
    this.#bySecret.set(fingerprint, known);
    known.places += places;
    const room = limits.scanPlacesPerSecretMax - known.sightings.length;
    for (const sighting of sightings.slice(0, room)) known.sightings.push(inFile(sighting, base));
  }

  /** Whether so many secrets are held back that they should be given out before the file ends. */
  get isFull(): boolean {
    return this.#bySecret.size >= limits.scanSecretsPendingMax;
  }

  /** Gives out the hits so far. Their number of places is final unless the file held too many secrets to wait for its end. */
  *take(): Generator<Hit> {
    const known = this.#bySecret;
    this.#bySecret = new Map();
    for (const [fingerprint, { secret, sightings, places }] of known) {
      for (const sighting of sightings) {
        this.hits++;
        yield this.#hit(sighting, fingerprint, secret, places);
      }
    }
  }

  #hit(sighting: Sighting, fingerprint: Fingerprint, secret: Secret, places: number): Hit {
    const { issuedAtMs, expiresAtMs, observedAtMs, ...facts } = sighting;
    return {
      file: this.file,
      ...withoutSecret(facts, secret.reveal()),
      issuedAt: dateOf(issuedAtMs),
      expiresAt: dateOf(expiresAtMs),
      observedAt: dateOf(observedAtMs),
      fingerprint,
      places,
      secret,
    };
  }
}

/** Lines of text are counted within their window until here. */
function inFile(sighting: Sighting, base: number): Sighting {
  if (sighting.entry !== undefined || sighting.line === undefined) return sighting;
  const line = base + sighting.line;
  return { ...sighting, line, place: `line ${line}` };
}

/** A name, an account or a path may by chance hold the value; a hit never shows it. */
function withoutSecret<T extends object>(facts: T, value: string): T {
  if (value.length < 4) return facts;
  const clean = Object.entries(facts).map(([key, fact]) => [
    key,
    typeof fact === 'string' && key !== 'kind' && key !== 'class' ? fact.replaceAll(value, '[secret]') : fact,
  ]);
  return Object.fromEntries(clean) as T;
}

function dateOf(ms: number | undefined): Date | undefined {
  if (ms === undefined) return undefined;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
