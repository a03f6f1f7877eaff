/**
 * Cuts a HAR file into the elements of `log.entries` without parsing it, in bounded memory. Strings are
 * skipped natively; between them every byte is checked, so that a broken entry is noticed where it breaks and
 * the next one is looked for. What is not an entry comes out as text: nothing of the file is dropped.
 */
import { limits } from '../../../kernel/limits.ts';
import type { ByteReader } from './byte-reader.ts';
import type { EntryRange } from './jobs.ts';
import { byteKinds, bytes, countNewlines, findEntryStart, kinds, skipString } from './json-bytes.ts';
import { overlapStart, wholeCharacters } from './text-splitter.ts';

export type Piece =
  | { type: 'entries'; bytes: ArrayBuffer; entries: EntryRange[] }
  /** `skeleton`: the document around the entries; otherwise what could not be taken for an entry. `line` is that after the overlap. */
  | { type: 'text'; bytes: ArrayBuffer; overlap: number; last: boolean; line: number; skeleton: boolean }
  | { type: 'fault'; entry?: number; line: number; message: string };

type Mode =
  | 'outside' // the document around the entries
  | 'between' // in log.entries, before an element or after one
  | 'entry'
  | 'lost' // after a fault, looking for the next entry
  | 'text'; // after too many faults

const { scanDepthMax: depthMax, scanEntryBytesMax: entryBytesMax, scanBatchBytes: batchBytes } = limits;

/** `log.entries` is an array in an object in an object. */
const entriesDepth = 3;

/** The pieces of the file that `reader` gives, in order. */
export async function* splitHar(reader: ByteReader, signal: AbortSignal): AsyncGenerator<Piece> {
  const splitter = new HarSplitter();
  for (;;) {
    signal.throwIfAborted();
    const count = await reader.read(splitter.space());
    yield* count === 0 ? splitter.end() : splitter.advance(count);
    if (count === 0) return;
  }
}

class HarSplitter {
  #buffer = Buffer.allocUnsafeSlow(batchBytes);
  #length = 0;
  /** Up to here the bytes are understood. One behind the length when the first byte to come is escaped. */
  #at = 0;
  /** Beginning of the present entry or text. */
  #mark = 0;
  /** Bytes after the mark that the text before has already shown, and the line after them. */
  #overlap = 0;
  #textLine = 1;
  #mode: Mode = 'outside';
  #line = 1;
  readonly #stack = new Uint8Array(depthMax);
  #depth = 0;
  /** The last thing that matters for the grammar: open, comma, colon or a value. */
  #last: number = kinds.open;
  #inString = false;
  /** The present keys of the document and of its log. */
  readonly #keys: [string, string] = ['', ''];
  #number = 0;
  #entryLine = 1;
  #members = 0;
  /** The present entry is over the limit: its bytes go out as text while its end is looked for. */
  #oversize = false;
  #problem: string | undefined;
  #faults = 0;
  #searchFrom = 0;
  #entries: EntryRange[] = [];
  #pieces: Piece[] = [];
  #ended = false;

  /** Where the next bytes go. */
  space(): Uint8Array {
    return this.#buffer.subarray(this.#length);
  }

  /** Takes `count` bytes that were put into the space. */
  advance(count: number): Piece[] {
    this.#length += count;
    this.#run();
    if (this.#length === this.#buffer.length) this.#makeRoom();
    return this.#takePieces();
  }

  /** The source has ended. */
  end(): Piece[] {
    this.#ended = true;
    this.#run();
    // A fault inside the last entry may have swallowed others, so they are looked for.
    while (this.#mode === 'entry' || this.#mode === 'between') {
      this.#at = Math.min(this.#at, this.#length);
      this.#fault(`the file ends inside ${this.#mode === 'entry' ? `entry ${this.#number}` : 'log.entries'}`);
      this.#run();
    }
    if (this.#mode === 'outside' && (this.#depth > 0 || this.#inString))
      this.#note('the file ends inside its document');
    this.#emitText(this.#length, true);
    this.#emitEntries();
    return this.#takePieces();
  }

  #takePieces(): Piece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #run(): void {
    for (;;) {
      if (this.#mode === 'text') this.#at = this.#length;
      if (this.#mode === 'lost' && !this.#findEntry()) return;
      if (this.#at >= this.#length) return;
      this.#lex();
      if (this.#problem === undefined) return;
      this.#fault(this.#mode === 'entry' ? `entry ${this.#number} ${this.#problem}` : this.#problem);
    }
  }

  /** Reads on to the end of the bytes or to a problem. */
  #lex(): void {
    const buffer = this.#buffer;
    const length = this.#length;
    let at = this.#at;
    if (this.#inString) at = this.#restOfString(at);
    while (at < length) {
      const byte = buffer[at++] as number;
      const kind = byteKinds[byte];
      if (kind === kinds.plain) continue;
      if (kind === kinds.newline) this.#line++;
      else if (kind === kinds.quote) {
        const next = this.#string(at);
        if (next < 0) {
          this.#at = this.#problem === undefined ? at - 1 : at;
          return;
        }
        at = next;
      } else if (!this.#structure(kind, byte, at)) break;
    }
    this.#at = at;
  }

  #restOfString(at: number): number {
    const next = skipString(this.#buffer, at, this.#length);
    if (next < 0) return ~next;
    this.#inString = false;
    return next;
  }

  /** The string that begins at `start`: the offset after it, or -1 when more bytes are needed or it is out of place. */
  #string(start: number): number {
    const inObject = this.#container() === bytes.openObject;
    const isKey = inObject && this.#last !== kinds.colon;
    if (
      this.#mode === 'between' ||
      (this.#depth > 0 && this.#last === kinds.value) ||
      (!inObject && this.#last === kinds.colon)
    ) {
      this.#problem = 'is not valid JSON: a string is out of place';
      return -1;
    }
    const next = skipString(this.#buffer, start, this.#length);
    if (isKey && this.#mode === 'outside' && this.#depth < entriesDepth) {
      // The key may be cut by the end of the buffer; it is read again when there is more.
      if (next < 0 && this.#length - start < 64 && !this.#ended) return -1;
      const key = next < 0 || next - start > 64 ? '' : this.#buffer.toString('latin1', start, next - 1);
      this.#keys[this.#depth === 1 ? 0 : 1] = key;
    }
    this.#last = kinds.value;
    this.#inString = next < 0;
    return next < 0 ? ~next : next;
  }

  #container(): number {
    return this.#depth === 0 ? 0 : (this.#stack[this.#depth - 1] as number);
  }

  /** A byte of the structure, before `at`. False when it is out of place. */
  #structure(kind: number | undefined, byte: number, at: number): boolean {
    const container = this.#container();
    if (kind === kinds.open) return this.#open(container, byte, at);
    if (kind === kinds.close) return this.#close(container, byte, at);
    if (kind === kinds.comma && container !== 0) {
      this.#last = kinds.comma;
      return true;
    }
    if (kind === kinds.colon && container === bytes.openObject && this.#last === kinds.value) {
      this.#last = kinds.colon;
      this.#members++;
      return true;
    }
    return this.#refuse('is not valid JSON');
  }

  #refuse(problem: string): false {
    this.#problem = problem;
    return false;
  }

  #open(container: number, byte: number, at: number): boolean {
    const last = this.#last;
    const fits =
      container === bytes.openObject
        ? last === kinds.colon
        : container === 0 || last === kinds.open || last === kinds.comma;
    if (!fits) return this.#refuse('is not valid JSON: an object or array is out of place');
    if (this.#depth === depthMax) return this.#refuse(`is nested deeper than ${depthMax}`);
    if (this.#mode === 'between') {
      this.#endGap(at - 1);
      this.#beginEntry(at - 1);
    }
    this.#stack[this.#depth++] = byte;
    this.#last = kinds.open;
    if (this.#mode === 'outside' && this.#isEntries(byte)) {
      this.#emitText(at, true);
      this.#mode = 'between';
    }
    return true;
  }

  #isEntries(byte: number): boolean {
    return (
      this.#depth === entriesDepth &&
      byte === bytes.openArray &&
      this.#stack[0] === bytes.openObject &&
      this.#stack[1] === bytes.openObject &&
      this.#keys[0] === 'log' &&
      this.#keys[1] === 'entries'
    );
  }

  #close(container: number, byte: number, at: number): boolean {
    // In ASCII the closing bracket stands two after its opening one.
    if (container === 0 || byte !== container + 2)
      return this.#refuse('is not valid JSON: brackets do not match');
    this.#depth--;
    this.#last = kinds.value;
    if (this.#mode === 'entry' && this.#depth === entriesDepth) this.#endEntry(at);
    else if (this.#mode === 'between') {
      this.#endGap(at - 1);
      this.#mode = 'outside';
    }
    return true;
  }

  #beginEntry(start: number): void {
    this.#mode = 'entry';
    this.#number++;
    this.#entryLine = this.#line;
    this.#members = 0;
    this.#beginText(start, this.#line);
  }

  #endEntry(end: number): void {
    this.#mode = 'between';
    const start = this.#mark;
    if (!this.#oversize && end - start > entryBytesMax) this.#refuseSize();
    if (this.#oversize) this.#emitText(end, true);
    else
      this.#entries.push({ start, end, number: this.#number, line: this.#entryLine, members: this.#members });
    this.#oversize = false;
    this.#beginText(end, this.#line);
  }

  /** Between two entries only white space and commas may stand; anything else is shown as text. */
  #endGap(to: number): void {
    const gap = this.#buffer.toString('latin1', this.#mark, to);
    if (/[^\s,]/.test(gap)) {
      this.#note('something that is no entry stands in log.entries; scanned as text');
      this.#emitText(to, true);
    }
    this.#beginText(to, this.#line);
  }

  #refuseSize(): void {
    this.#oversize = true;
    const message = `entry ${this.#number} is larger than ${entryBytesMax} bytes; scanned as text`;
    this.#pieces.push({ type: 'fault', entry: this.#number, line: this.#entryLine, message });
  }

  #beginText(start: number, line: number): void {
    this.#mark = start;
    this.#overlap = 0;
    this.#textLine = line;
  }

  #note(message: string): void {
    const entry = this.#mode === 'entry' ? this.#number : undefined;
    this.#pieces.push({ type: 'fault', entry, line: this.#line, message });
  }

  /** Reports a fault; what comes next is text up to the next thing that looks like an entry. */
  #fault(message: string): void {
    this.#note(message);
    this.#problem = undefined;
    // The mark itself is where the broken entry begins: looking there again would find it again.
    this.#searchFrom = Math.max(this.#mark + 1, this.#mode === 'entry' && !this.#oversize ? 0 : this.#at);
    this.#inString = false;
    this.#oversize = false;
    this.#mode = 'lost';
    this.#at = Math.min(this.#at, this.#length);
    if (++this.#faults < limits.scanFaultsMax) return;
    this.#note(`more than ${limits.scanFaultsMax} broken places; the rest is scanned as text`);
    this.#mode = 'text';
  }

  #findEntry(): boolean {
    const found =
      this.#searchFrom < this.#length ? findEntryStart(this.#buffer, this.#searchFrom - 1, this.#length) : -1;
    if (found < 0) {
      // The beginning of an entry may be cut by the end of the buffer.
      this.#searchFrom = Math.max(this.#searchFrom, this.#length - 1_024);
      this.#at = this.#length;
      return false;
    }
    this.#emitText(found, true);
    this.#line = this.#textLine;
    this.#mode = 'between';
    this.#at = found;
    this.#stack.set([bytes.openObject, bytes.openObject, bytes.openArray]);
    this.#depth = entriesDepth;
    this.#keys[0] = 'log';
    this.#keys[1] = 'entries';
    this.#last = kinds.comma;
    return true;
  }

  /** Sends the bytes from the mark up to `end` as text. Unless this ends it, the mark stays an overlap behind. */
  #emitText(end: number, last: boolean): void {
    const from = this.#mark;
    const to = last ? end : wholeCharacters(this.#buffer, from, end);
    if (to > from + this.#overlap || (last && this.#overlap > 0)) {
      const [overlap, line] = [this.#overlap, this.#textLine];
      const copy = new Uint8Array(this.#buffer.subarray(from, to)).buffer;
      this.#pieces.push({
        type: 'text',
        bytes: copy,
        overlap,
        last,
        line,
        skeleton: this.#mode === 'outside',
      });
      this.#textLine += countNewlines(this.#buffer, from + overlap, to);
    }
    this.#mark = last ? to : overlapStart(this.#buffer, from, to);
    this.#overlap = to - this.#mark;
  }

  #emitEntries(): void {
    if (this.#entries.length === 0) return;
    this.#pieces.push({ type: 'entries', bytes: this.#buffer.buffer as ArrayBuffer, entries: this.#entries });
    this.#entries = [];
  }

  /** The buffer is full: what is done goes out, what is not moves to the front of a new one. */
  #makeRoom(): void {
    if (this.#mode === 'between') this.#endGap(Math.min(this.#at, this.#length));
    else if (this.#mode === 'entry') {
      if (!this.#oversize && this.#length - this.#mark > entryBytesMax) this.#refuseSize();
      if (this.#oversize) this.#emitText(this.#length, false);
    } else this.#emitText(this.#length, false);
    this.#emitEntries();
    const rest = this.#buffer.subarray(this.#mark, this.#length);
    const size =
      rest.length * 2 > batchBytes ? Math.min(rest.length * 2, entryBytesMax + batchBytes) : batchBytes;
    const next = Buffer.allocUnsafeSlow(Math.max(size, batchBytes));
    rest.copy(next);
    this.#buffer = next;
    this.#length = rest.length;
    this.#at -= this.#mark;
    this.#searchFrom -= this.#mark;
    this.#mark = 0;
  }
}
