/**
 * Reads what the collector prints, as it arrives. The host may be hostile: memory is bounded by one artifact's
 * output, a line that is not of the frame is skipped, and a stream that breaks off leaves what came before it.
 *
 * A frame is `@NONCE begin ID base64`, lines of base64, and `@NONCE end ID CHARACTERS`. No payload can hold a line
 * that begins with `@`, and only who knows this run's nonce can write one that counts.
 */
import { FirebreakError } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import type { Artifact, ParseInput } from '../artifacts/artifact.ts';
import { identityOf, noIdentity } from '../artifacts/identity.ts';
import { artifactOf } from '../artifacts/index.ts';
import type { ArtifactOutcome, Collected, Fact } from '../types.ts';
import { outcomeOf, type Payload } from './outcome.ts';
import { rowsOf } from './records.ts';

interface ReaderOptions {
  /** The nonce that the script was built with. Without it the first header's is taken: for a file brought by hand. */
  nonce?: string;
  now?: () => Date;
}

interface Open {
  artifact: Artifact;
  hex: boolean;
  chunks: Buffer[];
  characters: number;
  bytes: number;
  odd: boolean;
}

export class CollectionReader {
  readonly #now: () => Date;
  #nonce: string | undefined;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #lineTooLong = false;
  #total = 0;
  #open: Open | undefined;
  #expected: string[] = [];
  #identity = noIdentity;
  #receivedAt: Date | null = null;
  #startedAt: Date | null = null;
  #finished = false;
  #ended = false;
  readonly #facts: Fact[] = [];
  readonly #outcomes = new Map<string, ArtifactOutcome>();

  constructor({ nonce, now = () => new Date() }: ReaderOptions = {}) {
    this.#nonce = nonce;
    this.#now = now;
  }

  /** True when so much has come that the rest is not looked at: the transport may stop reading. */
  get full(): boolean {
    return this.#total >= limits.collectOutputBytesMax;
  }

  push(chunk: Buffer): void {
    if (this.#ended) throw new FirebreakError('internal', 'a collection that has ended takes no more output');
    const room = limits.collectOutputBytesMax - this.#total;
    this.#total += chunk.length;
    if (room <= 0) return;
    const bytes = chunk.length > room ? chunk.subarray(0, room) : chunk;
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(10, at);
      this.#gather(bytes.subarray(at, end < 0 ? bytes.length : end));
      if (end < 0) return;
      this.#endLine();
      at = end + 1;
    }
  }

  /** What came. An artifact that was announced and did not come whole has an outcome that says so. */
  end(): Collected {
    if (!this.#ended) {
      this.#ended = true;
      this.#endLine();
      this.#close('the output broke off');
      const why = this.#why();
      for (const artifact of this.#expected) {
        if (this.#outcomes.has(artifact)) continue;
        this.#outcomes.set(artifact, { artifact, state: 'failed', why, bytes: 0, truncated: false });
      }
    }
    return {
      identity: this.#identity,
      facts: this.#facts,
      artifacts: [...this.#outcomes.values()],
      complete: this.#finished && !this.full,
    };
  }

  #why(): string {
    if (this.full) return `the host sent more than ${limits.collectOutputBytesMax} bytes`;
    return this.#finished ? 'the script did not get to it' : 'the output broke off before it';
  }

  #gather(piece: Buffer): void {
    if (piece.length === 0 || this.#lineTooLong) return;
    this.#lineBytes += piece.length;
    if (this.#lineBytes > limits.collectLineBytesMax) {
      this.#lineTooLong = true;
      this.#line = [];
      return;
    }
    // The transport may use its buffer again.
    this.#line.push(Buffer.from(piece));
  }

  #endLine(): void {
    const tooLong = this.#lineTooLong;
    const line = Buffer.concat(this.#line).toString('latin1').replace(/\r$/, '');
    this.#line = [];
    this.#lineBytes = 0;
    this.#lineTooLong = false;
    if (tooLong) {
      if (this.#open) this.#open.odd = true;
    } else if (line.startsWith('@')) this.#control(line);
    else if (this.#open && line !== '') this.#data(this.#open, line);
  }

  #control(line: string): void {
    const [, nonce = '', rest = ''] = /^@([0-9a-f]{16,64}) (.*)$/.exec(line) ?? [];
    this.#nonce ??= rest.startsWith('firebreak 1 ') ? nonce : undefined;
    if (nonce === '' || nonce !== this.#nonce) return;
    const [verb = '', ...words] = rest.split(' ');
    if (verb === 'firebreak') this.#begin(words);
    else if (verb === 'begin') this.#openFrame(words[0] ?? '', words[1] ?? '');
    else if (verb === 'end') this.#endFrame(words[0] ?? '', Number(words[1]));
    else if (verb === 'late') this.#late(words[0] ?? '');
    else if (verb === 'finish') {
      this.#close('the output broke off');
      this.#finished = true;
    }
  }

  #begin([version = '', epoch = '', , ids = '']: string[]): void {
    if (version !== '1' || this.#receivedAt !== null) return;
    this.#receivedAt = this.#now();
    this.#startedAt = /^\d{1,12}$/.test(epoch) ? new Date(Number(epoch) * 1000) : null;
    this.#expected = ids.split(',').filter((id) => artifactOf(id) !== undefined);
  }

  #openFrame(id: string, code: string): void {
    this.#close('the output broke off');
    const artifact = artifactOf(id);
    // Only what was announced counts, and only once: a second frame of a name would overwrite evidence.
    if (!artifact || this.#outcomes.has(id) || !this.#expected.includes(id)) return;
    this.#open = { artifact, hex: code === 'hex', chunks: [], characters: 0, bytes: 0, odd: false };
  }

  #data(open: Open, line: string): void {
    open.characters += line.length;
    const valid = open.hex ? /^[0-9a-f ]+$/.test(line) : /^[A-Za-z0-9+/]+={0,2}$/.test(line);
    if (!valid) {
      open.odd = true;
      return;
    }
    const room = open.artifact.bytesMax - open.bytes;
    if (room <= 0) return;
    const bytes = open.hex ? Buffer.from(line.replaceAll(' ', ''), 'hex') : Buffer.from(line, 'base64');
    const kept = bytes.subarray(0, room);
    open.bytes += kept.length;
    open.chunks.push(kept);
  }

  #endFrame(id: string, characters: number): void {
    const open = this.#open;
    const whole = open?.artifact.id === id && open.characters === characters && !open.odd;
    this.#close(whole ? '' : 'what arrived is not what was sent');
  }

  #late(artifact: string): void {
    this.#close('the output broke off');
    if (!this.#expected.includes(artifact) || this.#outcomes.has(artifact)) return;
    const why = `not begun: the host had taken ${limits.collectHostSecondsMax} s for those before it`;
    this.#outcomes.set(artifact, { artifact, state: 'failed', why, bytes: 0, truncated: false });
  }

  /** Reads the frame that is open, and lets its bytes go. */
  #close(broken: string): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const { artifact, bytes } = open;
    const text = Buffer.concat(open.chunks).toString('utf8');
    const rows = rowsOf(text, this.#nonce ?? '');
    const input: ParseInput = { rows, receivedAt: this.#receivedAt, startedAt: this.#startedAt };
    if (artifact.id === 'identity') this.#identity = identityOf(input);
    const payload: Payload = { artifact, rows, bytes, broken, facts: parsed(artifact, input) };
    const { outcome, facts } = outcomeOf(payload);
    this.#outcomes.set(artifact.id, outcome);
    for (const fact of facts) this.#facts.push(fact);
  }
}

/** Facts, or what went wrong: no output of a host may stop the reading of the others. */
function parsed(artifact: Artifact, input: ParseInput): Fact[] | Error {
  try {
    return artifact.parse(input);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
