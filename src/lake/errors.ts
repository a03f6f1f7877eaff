/** The engine's errors in our words: by their number, which both the embedded engine and a server give. */
import { type ErrorCode, FirebreakError, messageOf } from '../kernel/errors.ts';

/** https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp */
const codes: Readonly<Record<number, ErrorCode>> = {
  158: 'limit_exceeded', // TOO_MANY_ROWS
  159: 'limit_exceeded', // TIMEOUT_EXCEEDED
  160: 'limit_exceeded', // TOO_SLOW
  161: 'limit_exceeded', // TOO_MANY_COLUMNS
  164: 'refused', // READONLY
  167: 'limit_exceeded', // TOO_DEEP_AST
  168: 'limit_exceeded', // TOO_BIG_AST
  191: 'limit_exceeded', // SET_SIZE_LIMIT_EXCEEDED
  202: 'limit_exceeded', // TOO_MANY_SIMULTANEOUS_QUERIES
  241: 'limit_exceeded', // MEMORY_LIMIT_EXCEEDED
  243: 'unavailable', // NOT_ENOUGH_SPACE
  252: 'unavailable', // TOO_MANY_PARTS
  307: 'limit_exceeded', // TOO_MANY_BYTES
  396: 'limit_exceeded', // TOO_MANY_ROWS_OR_BYTES
  497: 'refused', // ACCESS_DENIED
};
const later: readonly ErrorCode[] = ['unavailable'];

/** An error of the engine, as one of ours. What is one of ours already stays as it is. */
export function describeEngineError(error: unknown): FirebreakError {
  if (error instanceof FirebreakError) return error;
  const text = messageOf(error);
  const number = Number(/Code: (\d+)/.exec(text)?.[1] ?? (error as { code?: unknown }).code ?? 0);
  const code = codes[number] ?? 'bad_input';
  return new FirebreakError(code, `the lake refused the statement: ${shorten(text)}`, {
    retry: later.includes(code) ? 'later' : 'never',
    facts: Number.isInteger(number) ? { engineCode: number } : {},
    cause: error,
  });
}

const charsMax = 2_000;
const shorten = (text: string): string => {
  const words = text.replace(/^Code: \d+\.\s*(DB::Exception: )?/, '').trim();
  return words.length > charsMax ? `${words.slice(0, charsMax)}...` : words;
};
