/**
 * JSON values one after another, on lines or not: each is a record, unless it is a list, or an object with a
 * list under one of `recordsFields`; then each item is. It cuts by brackets and texts alone and leaves the
 * rest to the mapping. Where the brackets don't fit, nothing that follows can be told apart any more: between
 * root values it begins again at the next line that begins one; inside a list the rest of the file is one fault.
 */
import { limits } from '../../../kernel/limits.ts';
import { type CutRecord, RecordBuilder, type Splitter } from './splitter.ts';

const [tab, lf, cr, space] = [9, 10, 13, 32];
const [quote, backslash, comma, colon] = [34, 92, 44, 58];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];

const isSpace = (byte: number): boolean => byte === space || byte === lf || byte === cr || byte === tab;
const mayPrecedeBracket = (byte: number): boolean => byte === colon || byte === comma || byte === openList;

/** A field's name that is longer is none of `recordsFields`. */
const nameCharsMax = 256;

const misfit = 'the brackets of this record do not fit';

type Mode =
  /** Between values of the root, or between items of a list of records. */
  | 'root'
  | 'items'
  /** In a record; or in the object around a list of records, outside of that list. */
  | 'value'
  | 'wrapper'
  /** After brackets that don't fit: until a line begins a value; or until the file ends. */
  | 'astray'
  | 'lost';

export class JsonSplitter implements Splitter {
  blank = 0;
  readonly #fields: ReadonlySet<string>;
  readonly #builder = new RecordBuilder();
  #number = 1;
  #mode: Mode = 'root';
  /** Whether the list of records is a field of an object, which goes on after it. */
  #wrapped = false;
  /** The closing brackets that are due. */
  #due: number[] = [];
  #inText = false;
  #escaped = false;
  /** The last byte outside of texts that is no space. */
  #before = 0;
  #lineStart = true;
  /** The text read last at the first level of a root object, and the field that its value is of. */
  #text = '';
  #field = '';

  constructor(recordsFields: readonly string[] = []) {
    this.#fields = new Set(recordsFields);
  }

  push(piece: Buffer): CutRecord[] {
    const cut: CutRecord[] = [];
    // Where the bytes begin that the record under way has not taken yet.
    let start = 0;
    let at = 0;
    while (at < piece.length) {
      const mode = this.#mode;
      if (mode === 'lost') break;
      if (this.#inText) {
        at = this.#passText(piece, at);
        continue;
      }
      const byte = piece[at] as number;
      if (mode === 'root' || mode === 'items') {
        if (this.#between(byte)) start = at;
        else at++;
      } else if (mode === 'astray') {
        if (this.#lineStart && (byte === openObject || byte === openList)) {
          cut.push(this.#take(piece.subarray(start, at), misfit));
          this.#mode = 'root';
          continue;
        }
        this.#lineStart = byte === lf;
        at++;
      } else {
        const end = this.#within(byte, at);
        if (mode === 'wrapper' && this.#mode === 'lost') start = at;
        if (end >= 0 && mode === 'value') cut.push(this.#take(piece.subarray(start, end), ''));
        // A byte that ends a bare value, or led astray, is looked at again in the new mode.
        if (this.#mode === 'astray' || (end === at && this.#mode !== mode)) continue;
        at++;
      }
    }
    if (this.#mode === 'value' || this.#mode === 'astray' || this.#mode === 'lost')
      this.#builder.add(piece.subarray(start));
    return cut;
  }

  end(): CutRecord[] {
    const { bytes } = this.#builder;
    if (this.#mode === 'root') return [];
    const bare = this.#mode === 'value' && this.#due.length === 0 && !this.#inText;
    if (bare) return [this.#take(Buffer.alloc(0), '')];
    if (this.#mode === 'astray') return [this.#take(Buffer.alloc(0), misfit)];
    if (this.#mode === 'lost')
      return [
        this.#take(Buffer.alloc(0), `${misfit}: ${bytes} bytes to the end of the file could not be read`),
      ];
    const where = this.#mode === 'value' ? 'this record' : 'the list of records';
    return [this.#take(Buffer.alloc(0), `the file ends within ${where}`)];
  }

  #take(rest: Buffer, fault: string): CutRecord {
    this.#builder.add(rest);
    return this.#builder.take(this.#number++, fault);
  }

  /** A byte between values; true when a value begins with it. */
  #between(byte: number): boolean {
    this.#lineStart = byte === lf;
    if (isSpace(byte) || byte === comma) return false;
    if (this.#mode === 'items' && byte === closeList) {
      this.#mode = this.#wrapped ? 'wrapper' : 'root';
      this.#due = this.#wrapped ? [closeObject] : [];
      this.#inItems = false;
      this.#field = '';
      this.#before = closeList;
      return false;
    }
    if (this.#mode === 'root' && byte === openList) {
      this.#mode = 'items';
      this.#wrapped = false;
      return false;
    }
    this.#due = [];
    this.#text = '';
    this.#field = '';
    this.#before = comma;
    if (byte === closeList || byte === closeObject) {
      // It closes nothing; taken as the beginning of a value it would be the end of it, too.
      this.#mode = this.#mode === 'items' ? 'lost' : 'astray';
      return true;
    }
    // The items' own mode is remembered by where the value ends.
    this.#inItems = this.#mode === 'items';
    this.#mode = 'value';
    return true;
  }

  #inItems = false;

  /** A byte of a value; where the value ends, or -1 while it goes on. */
  #within(byte: number, at: number): number {
    const depth = this.#due.length;
    if (byte === quote) {
      this.#inText = true;
      this.#escaped = false;
      this.#text = '';
      this.#before = quote;
      return -1;
    }
    if (byte === openObject || byte === openList) return this.#open(byte, depth);
    if (byte === closeObject || byte === closeList) return this.#close(byte, at, depth);
    if (depth === 0 && (isSpace(byte) || byte === comma)) return this.#leave(at);
    if (depth === 1 && byte === colon) this.#field = this.#text;
    this.#lineStart = byte === lf;
    if (!isSpace(byte)) this.#before = byte;
    return -1;
  }

  #open(byte: number, depth: number): number {
    if (!mayPrecedeBracket(this.#before) || depth >= limits.ingestNestingMax) return this.#stray();
    const outermost = depth === 1 && !this.#inItems && this.#due[0] === closeObject;
    if (outermost && byte === openList && this.#before === colon && this.#fields.has(this.#field)) {
      this.#builder.take(0);
      this.#mode = 'items';
      this.#wrapped = true;
      return -1;
    }
    this.#due.push(byte === openObject ? closeObject : closeList);
    this.#before = byte;
    return -1;
  }

  #close(byte: number, at: number, depth: number): number {
    if (depth === 0) return this.#leave(at);
    if (this.#due.pop() !== byte) return this.#stray();
    this.#before = byte;
    return depth === 1 ? this.#leave(at + 1) : -1;
  }

  #leave(end: number): number {
    this.#mode = this.#inItems ? 'items' : 'root';
    return end;
  }

  /** The brackets don't fit. Around a list and within one, a new line tells nothing. */
  #stray(): number {
    this.#inText = false;
    this.#mode = this.#inItems || this.#mode === 'wrapper' ? 'lost' : 'astray';
    return -1;
  }

  /** Goes over a text; returns where to go on. No JSON text holds a line break. */
  #passText(piece: Buffer, from: number): number {
    const named = this.#due.length === 1 && !this.#inItems;
    let at = from;
    for (; at < piece.length; at++) {
      const byte = piece[at] as number;
      if (byte === lf) {
        this.#stray();
        return at;
      }
      if (this.#escaped) this.#escaped = false;
      else if (byte === backslash) this.#escaped = true;
      else if (byte === quote) break;
    }
    if (named && this.#text.length < nameCharsMax) this.#text += piece.toString('latin1', from, at);
    if (at === piece.length) return at;
    this.#inText = false;
    return at + 1;
  }
}
