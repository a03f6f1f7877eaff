/**
 * Reads the rows of a table out of an SQLite file, for the records of logins that newer systems keep in one. Only
 * what those use is read: plain tables in UTF-8. The file comes from a host that may mean harm: every page is read once,
 * every bound is checked, and what can't be read is said by `whole: false`.
 * https://www.sqlite.org/fileformat2.html
 */

type SqliteValue = null | number | bigint | string | Buffer;
export type SqliteRow = Record<string, SqliteValue>;

/** Rows by lower-case column names, at most `max` of them; `whole` is false when any of them may be missing. */
export function readSqliteTable(
  file: Buffer,
  table: string,
  max: number,
): { rows: SqliteRow[]; whole: boolean } {
  const reader = new SqliteFile(file);
  if (!reader.isReadable) return { rows: [], whole: false };
  const schema = reader.cells(1, 1_000);
  const found = schema.find(([type, name]) => type === 'table' && String(name).toLowerCase() === table);
  const [, , , root, sql] = found ?? [];
  if (typeof root !== 'number' || typeof sql !== 'string') return { rows: [], whole: false };
  const columns = columnsOf(sql);
  const rows = reader
    .cells(root, max)
    .map((values) => Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null])));
  return { rows, whole: reader.whole };
}

/** `CREATE TABLE x(Name TEXT, Time INTEGER) STRICT` to its names. */
function columnsOf(sql: string): string[] {
  const inner = sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'));
  const names = inner.split(',').map((part) => /^\s*["`[]?(\w+)/.exec(part)?.[1]?.toLowerCase() ?? '');
  return names.filter((name) => name !== '' && !['primary', 'unique', 'check', 'foreign'].includes(name));
}

const interiorPage = 0x05;
const leafPage = 0x0d;
const pagesMax = 100_000;

class SqliteFile {
  readonly #file: Buffer;
  readonly #pageBytes: number = 0;
  /** Of a page, what is not reserved for extensions. */
  readonly #usable: number = 0;
  readonly #seen = new Set<number>();
  readonly isReadable: boolean = false;
  whole = true;

  constructor(file: Buffer) {
    this.#file = file;
    if (file.length < 512 || file.toString('latin1', 0, 16) !== 'SQLite format 3\0') return;
    const size = file.readUInt16BE(16);
    this.#pageBytes = size === 1 ? 65_536 : size;
    this.#usable = this.#pageBytes - file.readUInt8(20);
    // In WAL mode the newest rows stand in another file.
    if (file.readUInt8(19) === 2) this.whole = false;
    this.isReadable = this.#pageBytes >= 512 && this.#usable >= 480 && file.readUInt32BE(56) <= 1;
  }

  /** The values of all rows below this page, in the order of their ids. */
  cells(root: number, max: number): SqliteValue[][] {
    const rows: SqliteValue[][] = [];
    const pending = [root];
    for (let page = pending.pop(); page !== undefined; page = pending.pop()) {
      if (rows.length >= max || !this.#take(page)) {
        this.whole = false;
        continue;
      }
      try {
        this.#readPage(page, pending, rows);
      } catch {
        // A RangeError of Buffer: an offset that leads out of the file.
        this.whole = false;
      }
    }
    return rows.slice(0, max);
  }

  #take(page: number): boolean {
    if (page < 1 || this.#seen.has(page) || this.#seen.size >= pagesMax) return false;
    if (page * this.#pageBytes > this.#file.length) return false;
    this.#seen.add(page);
    return true;
  }

  #readPage(page: number, pending: number[], rows: SqliteValue[][]): void {
    const base = (page - 1) * this.#pageBytes;
    const head = base + (page === 1 ? 100 : 0);
    const kind = this.#file.readUInt8(head);
    if (kind !== interiorPage && kind !== leafPage) {
      this.whole = false;
      return;
    }
    const count = this.#file.readUInt16BE(head + 3);
    const first = head + (kind === interiorPage ? 12 : 8);
    const children: number[] = [];
    for (let index = 0; index < count; index++) {
      const at = base + this.#file.readUInt16BE(first + index * 2);
      if (kind === leafPage) rows.push(recordOf(this.#payload(at)));
      else children.push(this.#file.readUInt32BE(at));
    }
    if (kind === interiorPage) pending.push(...[...children, this.#file.readUInt32BE(head + 8)].reverse());
  }

  /** The bytes of a row, put together from the pages that they overflow into. */
  #payload(cell: number): Buffer {
    const [bytes, afterBytes] = varint(this.#file, cell);
    const [, at] = varint(this.#file, afterBytes);
    const length = Number(bytes);
    if (length > this.#file.length) throw new RangeError('a row is longer than its file');
    const inPageMax = this.#usable - 35;
    if (length <= inPageMax) return this.#slice(at, length);
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const fit = least + ((length - least) % (this.#usable - 4));
    const kept = fit <= inPageMax ? fit : least;
    const parts = [this.#slice(at, kept)];
    let [left, next] = [length - kept, this.#file.readUInt32BE(at + kept)];
    while (left > 0) {
      if (!this.#take(next)) throw new RangeError('a row overflows into a page that is not there');
      const base = (next - 1) * this.#pageBytes;
      const part = Math.min(left, this.#usable - 4);
      parts.push(this.#slice(base + 4, part));
      [left, next] = [left - part, this.#file.readUInt32BE(base)];
    }
    return Buffer.concat(parts);
  }

  #slice(at: number, length: number): Buffer {
    if (at + length > this.#file.length) throw new RangeError('out of the file');
    return this.#file.subarray(at, at + length);
  }
}

function varint(bytes: Buffer, at: number): [value: bigint, next: number] {
  let value = 0n;
  for (let index = 0; index < 9; index++) {
    const byte = bytes.readUInt8(at + index);
    if (index === 8) return [(value << 8n) | BigInt(byte), at + 9];
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return [value, at + index + 1];
  }
  return [value, at + 9];
}

function recordOf(payload: Buffer): SqliteValue[] {
  const [headBytes, first] = varint(payload, 0);
  const values: SqliteValue[] = [];
  let [at, body] = [first, Number(headBytes)];
  while (at < Number(headBytes)) {
    const [type, next] = varint(payload, at);
    const [value, length] = readValue(payload, body, Number(type));
    values.push(value);
    [at, body] = [next, body + length];
  }
  return values;
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8];

function readValue(payload: Buffer, at: number, type: number): [SqliteValue, bytes: number] {
  if (type === 0) return [null, 0];
  if (type === 8 || type === 9) return [type - 8, 0];
  if (type === 7) return [payload.readDoubleBE(at), 8];
  if (type < 7) {
    const length = integerBytes[type] as number;
    return [length === 8 ? payload.readBigInt64BE(at) : payload.readIntBE(at, length), length];
  }
  const length = Math.floor((type - 12) / 2);
  if (type < 12 || at + length > payload.length) throw new RangeError('out of the row');
  const bytes = payload.subarray(at, at + length);
  return [type % 2 === 1 ? bytes.toString('utf8') : bytes, length];
}
