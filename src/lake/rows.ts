/** The engine's JSON lines as rows. 64-bit integers are numbers where these are exact, and text where not. */
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';

/** How the engine is to write an answer, so that `decodeRows` reads it. */
export const answerSettings = {
  output_format_json_quote_64bit_integers: 0,
  output_format_json_escape_forward_slashes: 0,
  date_time_output_format: 'iso',
} as const;

const lineFeed = 10;

/** Rows of an answer that arrives in pieces cut anywhere. */
export async function* decodeRows<Row>(pieces: AsyncIterable<Buffer>): AsyncGenerator<Row> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      const line = piece.subarray(start, end);
      yield parseRow<Row>(rest.length === 0 ? line : Buffer.concat([...rest, line]));
      [rest, restBytes, start] = [[], 0, end + 1];
    }
    if (start === piece.length) continue;
    rest.push(piece.subarray(start));
    restBytes += piece.length - start;
    if (restBytes > limits.lakeRowBytesMax)
      throw new FirebreakError(
        'limit_exceeded',
        `a row of the answer has more than ${limits.lakeRowBytesMax} bytes`,
      );
  }
  if (restBytes > 0) yield parseRow<Row>(Buffer.concat(rest));
}

const mayBeLarge = /\d{16}/;
// Texts are matched too, so that digits within them are passed over; a number with a point or an exponent is none.
const textOrLargeInteger = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+])-?\d{16,}(?![\d.eE])/g;

export function parseRow<Row>(line: Buffer | string): Row {
  const text = typeof line === 'string' ? line : line.toString('utf8');
  if (!mayBeLarge.test(text)) return JSON.parse(text) as Row;
  const exact = text.replace(textOrLargeInteger, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );
  return JSON.parse(exact) as Row;
}
