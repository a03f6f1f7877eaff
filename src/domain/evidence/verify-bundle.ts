/**
 * Verifies a bundle with nothing but the file: no database, no network, bounded memory. Every leaf hash, every
 * root, every signature and the spelling of every line is checked anew.
 */
import { createHash } from 'node:crypto';
import type { Fault } from '../../kernel/errors.ts';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { plural, printable } from '../../kernel/text.ts';
import { verifyEnvelope } from './attestation.ts';
import {
  type BundleHeader,
  endText,
  parseCheckpointLine,
  parseEnd,
  parseEntry,
  parseHeader,
  type VerifyReport,
} from './bundle-format.ts';
import { verifyCheckpoint } from './checkpoint.ts';
import { type Line, readLines } from './lines.ts';
import { Frontier, hashLeaf } from './merkle.ts';
import { parseVerifierKey, type VerifierKey, verifyBytes } from './note.ts';
import { RawCheck } from './raw-check.ts';

export interface VerifyOptions {
  /** The verifier key that the bundle must be signed with, as text. Without it any key will do. */
  key?: string;
  signal?: AbortSignal;
  onProgress?(entries: number, total: number): void;
}

/**
 * Verifies `file`. What is wrong with it is in the report, first fault first. Throws bad_input when the file
 * can't be read or the given key is none.
 */
export async function verifyBundle(file: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const pinned = options.key === undefined ? undefined : pin(options.key);
  const check = new BundleCheck(file, pinned);
  try {
    for await (const line of readLines(file, limits.bundleLineBytesMax)) {
      const goesOn = check.take(line);
      if (!(typeof goesOn === 'boolean' ? goesOn : await goesOn)) break;
      if (line.number % 1_000 === 0) {
        options.signal?.throwIfAborted();
        options.onProgress?.(check.entries, check.size);
      }
    }
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new FirebreakError('bad_input', `can't read ${file}: ${messageOf(cause)}`, { cause });
  }
  return check.finish();
}

function pin(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (!key.ok) throw new FirebreakError('bad_input', `the key to verify with is none: expected ${key.error}`);
  return key.value;
}

/** What the first line says. */
interface Announced {
  header: BundleHeader;
  key: VerifierKey;
}

/** The state between lines: the right edge of the tree, a running hash, counters. */
class BundleCheck {
  readonly #file: string;
  readonly #pinned: VerifierKey | undefined;
  readonly #faults: Fault[] = [];
  readonly #hash = createHash('sha256');
  readonly #tree = new Frontier();
  #announced: Announced | undefined;
  #line = 0;
  /** The number that the next entry must have. */
  #next = 0;
  /** The size of the last checkpoint. */
  #signed = -1;
  /** False after a fault that makes all roots that follow differ: one cause is reported once. */
  #rootsTell = true;
  #ended = false;
  readonly #raw = new RawCheck((expected, got, field) => this.#fault(expected, got, field));
  #inRaw = false;
  #checkpoints = 0;
  #attestations = 0;

  constructor(file: string, pinned: VerifierKey | undefined) {
    this.#file = file;
    this.#pinned = pinned;
  }

  get entries(): number {
    return this.#tree.size;
  }

  get size(): number {
    return this.#announced?.header.size ?? 0;
  }

  /** Takes the next line. False: there is no sense in reading on. Only raw output has to be waited for. */
  take(line: Line): boolean | Promise<boolean> {
    this.#line = line.number;
    if (this.#ended) return this.#stop('nothing after the line that ends the bundle', describe(line.bytes));
    if (line.kind === 'long')
      return this.#stop(`at most ${limits.bundleLineBytesMax} bytes in a line`, 'more');
    if (line.kind === 'open')
      this.#fault('a newline at the end of the line: the file was cut off', describe(line.bytes));
    const text = decode(line.kind === 'open' ? line.bytes : line.bytes.subarray(0, -1));
    if (text === undefined) this.#fault('UTF-8 text', describe(line.bytes));
    else if (this.#announced) {
      const taken = this.#takeText(text, this.#announced);
      if (taken) return taken.then(() => this.#goesOn(line));
    } else this.#takeHeader(text);
    return this.#goesOn(line);
  }

  #goesOn(line: Line): boolean {
    if (!this.#announced) this.#ended = true;
    if (!this.#ended) this.#hash.update(line.bytes);
    return this.#announced !== undefined && this.#faults.length < limits.faultsListedMax;
  }

  #takeText(text: string, announced: Announced): Promise<void> | undefined {
    const [kind = ''] = text.split(' ', 1);
    if (kind === 'raw' || kind === 'data') return this.#takeRaw(text, announced);
    if (kind === 'end') return this.#takeEnd(text, announced);
    if (this.#inRaw) this.#fault('raw, data or end after the first raw output', printable(text));
    else if (kind === 'entry') this.#takeEntry(text, announced.key);
    else if (kind === 'checkpoint') this.#takeCheckpoint(text, announced.key);
    else this.#fault('a line that begins with entry, checkpoint, raw, data or end', printable(text));
    return undefined;
  }

  #takeRaw(text: string, { header }: Announced): Promise<void> | undefined {
    this.#inRaw = true;
    if (header.raw) return text.startsWith('raw') ? this.#raw.begin(text) : this.#raw.part(text);
    this.#fault('no raw output: the header announces none', printable(text, 80));
    return undefined;
  }

  finish(): VerifyReport {
    if (this.#line === 0) this.#fault('a bundle', 'an empty file');
    else if (!this.#ended && this.#faults.length < limits.faultsListedMax)
      this.#fault('the line that ends the bundle', 'the end of the file');
    return {
      ok: this.#faults.length === 0,
      file: this.#file,
      entries: this.#tree.size,
      checkpoints: this.#checkpoints,
      attestations: this.#attestations,
      rawCited: this.#raw.cited,
      rawFound: this.#raw.found,
      verifierKey: this.#announced?.header.key,
      origin: this.#announced?.header.origin,
      created: this.#announced?.header.created,
      root: this.#announced && this.#tree.root().toString('hex'),
      faults: this.#faults,
    };
  }

  #fault(expected: string, got?: string, field?: string): void {
    this.#faults.push({ file: this.#file, line: Math.max(this.#line, 1), field, expected, got });
  }

  #stop(expected: string, got: string): false {
    this.#fault(expected, got);
    this.#ended = true;
    return false;
  }

  /** Without a header that can be read, nothing after it can be judged. */
  #takeHeader(text: string): void {
    const header = parseHeader(text);
    if (!header.ok) {
      this.#fault(header.error, printable(text, 60));
      return;
    }
    const key = parseVerifierKey(header.value.key);
    if (!key.ok) {
      this.#fault(key.error, printable(header.value.key), 'key');
      return;
    }
    this.#announced = { header: header.value, key: key.value };
    const { origin } = header.value;
    if (origin !== key.value.name) this.#fault(`the origin ${key.value.name}`, printable(origin), 'origin');
    if (this.#pinned && this.#pinned.text !== key.value.text)
      this.#fault(`a bundle signed with ${this.#pinned.text}`, key.value.text, 'key');
  }

  #takeEntry(text: string, key: VerifierKey): void {
    const field = `entry ${this.#next}`;
    const entry = parseEntry(text);
    if (!entry.ok) {
      this.#fault(entry.error, printable(text), field);
      this.#next++;
      this.#rootsTell = false;
      return;
    }
    const { seq, leafHash, body } = entry.value;
    if (seq !== this.#next) {
      this.#fault(field, `entry ${seq}`);
      this.#rootsTell = false;
    }
    this.#next = seq + 1;
    if (body.seq !== seq)
      this.#fault(`the text of entry ${seq}`, `the text of entry ${body.seq}`, `entry ${seq}`);
    const hashed = hashLeaf(entry.value.text);
    if (hashed.toString('hex') !== leafHash)
      this.#fault(`the leaf hash of its text, ${hashed.toString('hex')}`, leafHash, `entry ${seq}`);
    this.#tree.add(hashed);
    this.#raw.cite(seq, entry.value.text);
    this.#checkAttestation(seq, body.data, key);
  }

  #checkAttestation(seq: number, data: unknown, key: VerifierKey): void {
    if (data === null || typeof data !== 'object' || !('dsse' in data)) return;
    const checked = verifyEnvelope(key, data.dsse);
    if (checked.signatureValid) this.#attestations++;
    else this.#fault(checked.fault, 'an attestation that does not hold', `entry ${seq}`);
  }

  #takeCheckpoint(text: string, key: VerifierKey): void {
    const note = parseCheckpointLine(text);
    const head = note.ok ? verifyCheckpoint(note.value, key) : note;
    const field = `checkpoint after entry ${this.#next - 1}`;
    if (!head.ok) this.#fault(head.error, printable(text), field);
    else if (head.value.size !== this.#next || head.value.size <= this.#signed)
      this.#fault(
        `one checkpoint of ${plural(this.#next, 'entry', 'entries')}`,
        `one of ${head.value.size}`,
        field,
      );
    else this.#compareRoot(head.value.size, head.value.root);
  }

  #compareRoot(size: number, signed: Buffer): void {
    const first = Math.max(this.#signed, 0);
    this.#signed = size;
    const root = this.#tree.root();
    if (root.equals(signed)) {
      this.#checkpoints++;
    } else if (this.#rootsTell) {
      this.#rootsTell = false;
      const range = size - first === 1 ? `entry ${first}` : `one of the entries ${first} to ${size - 1}`;
      const got = `${root.toString('hex')}: ${range} was changed`;
      this.#fault(`the root that was signed, ${signed.toString('hex')}`, got, `checkpoint ${size}`);
    }
  }

  async #takeEnd(text: string, { header, key }: Announced): Promise<void> {
    this.#ended = true;
    if (header.raw) await this.#raw.end();
    const entries = (count: number) => plural(count, 'entry', 'entries');
    if (this.#next !== header.size) this.#fault(entries(header.size), entries(this.#next), 'end');
    if (this.#signed !== header.size)
      this.#fault(
        `a last checkpoint of ${entries(header.size)}`,
        `one of ${Math.max(this.#signed, 0)}`,
        'end',
      );
    const end = parseEnd(text);
    const sha256 = this.#hash.digest('hex');
    if (!end.ok) this.#fault(end.error, printable(text), 'end');
    else if (end.value.sha256 !== sha256)
      this.#fault(`the SHA-256 of the lines before, ${sha256}`, end.value.sha256, 'end');
    else if (!verifyBytes(key, endText(sha256), end.value.signature))
      this.#fault(`a signature of ${key.text} that holds`, 'another', 'end');
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const describe = (bytes: Buffer): string => JSON.stringify(printable(bytes.subarray(0, 60).toString('utf8')));
