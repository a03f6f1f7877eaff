/** Redis's wire, version 2: commands as arrays of strings, and the five kinds of answer. https://redis.io/docs/latest/develop/reference/protocol-spec/ */

/** A command's name and its arguments. */
export type Command = readonly [string, ...(string | number)[]];

/** An error answer of the server, such as WRONGPASS or NOPERM. */
export class RedisRefusal extends Error {
  /** The first word: Redis has no other codes. */
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = 'RedisRefusal';
    this.code = /^[A-Z]+/.exec(message)?.[0] ?? 'UNKNOWN';
  }
}

/** The bytes of commands that are sent together. */
export function encodeCommands(commands: readonly Command[]): Buffer {
  return Buffer.from(commands.map(encodeCommand).join(''));
}

function encodeCommand(command: Command): string {
  const words = command.map(String);
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** The answers that are whole so far. Throws an error for what is not an answer of this protocol. */
export function decodeAnswers(bytes: Buffer): unknown[] {
  const answers: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = decodeAnswer(bytes, at);
    if (!read) break;
    answers.push(read.value);
    at = read.end;
  }
  return answers;
}

interface Read {
  value: unknown;
  end: number;
}

/** The answer at `at`; undefined when its end has not come yet. */
function decodeAnswer(bytes: Buffer, at: number): Read | undefined {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', at + 1, lineEnd);
  const end = lineEnd + 2;
  switch (bytes[at]) {
    case 0x2b: // +
      return { value: line, end };
    case 0x2d: // -
      return { value: new RedisRefusal(line), end };
    case 0x3a: // :
      return { value: Number(line), end };
    case 0x24: // $
      return decodeText(bytes, end, lengthOf(line));
    case 0x2a: // *
      return decodeList(bytes, end, lengthOf(line));
    default:
      throw foreign();
  }
}

/** -1 stands for a null. */
function lengthOf(line: string): number {
  if (!/^(-1|\d{1,9})$/.test(line)) throw foreign();
  return Number(line);
}

const foreign = () => new Error('the answer is not of the Redis protocol');

function decodeText(bytes: Buffer, start: number, length: number): Read | undefined {
  if (length === -1) return { value: null, end: start };
  const end = start + length + 2;
  return end <= bytes.length ? { value: bytes.toString('utf8', start, start + length), end } : undefined;
}

function decodeList(bytes: Buffer, start: number, length: number): Read | undefined {
  const value: unknown[] = [];
  let end = start;
  while (value.length < length) {
    const read = decodeAnswer(bytes, end);
    if (!read) return undefined;
    value.push(read.value);
    end = read.end;
  }
  return { value: length === -1 ? null : value, end };
}
