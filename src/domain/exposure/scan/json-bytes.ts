/** JSON as bytes: what each byte may be outside strings, and the way over a string. */

/** Kinds of bytes outside strings. `value` is no byte: it stands for a value that has ended. */
export const kinds = {
  plain: 0,
  newline: 1,
  quote: 2,
  open: 3,
  close: 4,
  comma: 5,
  colon: 6,
  illegal: 7,
  value: 8,
} as const;

export const bytes = {
  quote: 34,
  backslash: 92,
  openArray: 91,
  closeArray: 93,
  openObject: 123,
  closeObject: 125,
} as const;

/** The kind of each byte. White space, numbers and the letters of true, false and null are plain. */
export const byteKinds: Uint8Array = new Uint8Array(256).fill(kinds.illegal);
for (const char of ' \t\r0123456789+-.eEtrufalsn') byteKinds[char.charCodeAt(0)] = kinds.plain;
byteKinds[10] = kinds.newline;
byteKinds[bytes.quote] = kinds.quote;
byteKinds[44] = kinds.comma;
byteKinds[58] = kinds.colon;
for (const byte of [bytes.openArray, bytes.openObject]) byteKinds[byte] = kinds.open;
for (const byte of [bytes.closeArray, bytes.closeObject]) byteKinds[byte] = kinds.close;

/** After so many bytes without an end the native search takes over: it is faster, but dear to call. */
const nearBytes = 48;

/**
 * The offset after the quote that ends the string in which `from` lies. When the string goes on behind
 * `length`: `~` of the offset at which to go on, which is one behind `length` when that byte is escaped.
 */
export function skipString(buffer: Buffer, from: number, length: number): number {
  let at = from;
  while (at < length) {
    const near = Math.min(at + nearBytes, length);
    while (at < near) {
      const byte = buffer[at++];
      if (byte === bytes.quote) return at;
      if (byte === bytes.backslash) at++;
    }
    if (at >= length) break;
    const found = buffer.indexOf(bytes.quote, at);
    const end = found < 0 || found >= length ? length : found;
    let escapes = end;
    while (escapes > at && buffer[escapes - 1] === bytes.backslash) escapes--;
    const escaped = (end - escapes) % 2 === 1;
    if (end === length) return ~(escaped ? length + 1 : length);
    at = end + 1;
    if (!escaped) return at;
  }
  return ~at;
}

/** Keys that HAR writers put first in an entry, and nowhere else. */
const entryStart =
  /[,[]\s{0,200}(?=\{\s{0,200}"(?:startedDateTime|pageref|request|_initiator|_connectionId|_fromCache|_priority|_resourceType|_requestId|_request_id|_securityState|_webSocketMessages|serverIPAddress)"\s{0,20}:)/g;

/** The offset of the first `{` at or after `from` that looks like the beginning of an entry, or -1. */
export function findEntryStart(buffer: Buffer, from: number, length: number): number {
  const text = buffer.toString('latin1', from, length);
  entryStart.lastIndex = 0;
  const match = entryStart.exec(text);
  return match === null ? -1 : from + match.index + match[0].length;
}

export function countNewlines(buffer: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = buffer.indexOf(10, from); at >= 0 && at < to; at = buffer.indexOf(10, at + 1)) count++;
  return count;
}
