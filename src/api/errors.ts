/** Errors on their way over the wire and back: `{"error": {code, message, retry, facts, faults}}`. */
import { HTTPException } from 'hono/http-exception';
import { badInput, type ErrorCode, FirebreakError, messageOf } from '../kernel/errors.ts';
import { logger, redact } from '../kernel/log.ts';
import { isOutage } from '../kernel/outage.ts';
import { printable } from '../kernel/text.ts';
import { ErrorBody } from './contract/errors.ts';
import { errorCodes } from './status.ts';

const log = logger('api');
const messageCharsMax = 2_000;

/** Anything thrown as an error of ours. What is not one already is logged, and said without its stack. */
export function asFirebreakError(error: unknown): FirebreakError {
  if (error instanceof FirebreakError) return error;
  // The framework's own: a body that is no JSON, a percent sign that leads nowhere.
  if (error instanceof HTTPException && error.status < 500)
    return badInput('the request', [{ expected: 'a well-formed request', got: error.message.toLowerCase() }]);
  if (isOutage(error))
    return new FirebreakError('unavailable', "Firebreak's own database does not answer", {
      retry: 'later',
      cause: error,
    });
  log.error({ error }, 'unexpected');
  const message = printable(String(redact(messageOf(error))), messageCharsMax);
  return new FirebreakError('internal', `unexpected: ${message}`, { cause: error });
}

/** The body that says what went wrong; never the cause, which may hold more than is fit to show. */
export function errorBody({ code, message, retry, facts, faults }: FirebreakError): ErrorBody {
  return { error: { code, message, retry, facts, faults } };
}

/** The error that a body describes. */
export function errorFromBody(body: unknown, status: number): FirebreakError {
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success)
    return new FirebreakError('unavailable', `the server answered ${status} without saying why`, {
      retry: 'later',
    });
  const { code, message, ...details } = parsed.data.error;
  const known = errorCodes.includes(code as ErrorCode) ? (code as ErrorCode) : 'internal';
  return new FirebreakError(known, message, details);
}
