/** The one place where error codes become HTTP statuses and exit codes. */
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '../kernel/errors.ts';

/** 0: done and nothing outstanding. 1: something outstanding or failed. 2: usage or bad input. 3: refused. */
export type ExitCode = 0 | 1 | 2 | 3;

const statuses: Readonly<Record<ErrorCode, { http: ContentfulStatusCode; exit: ExitCode }>> = {
  bad_input: { http: 400, exit: 2 },
  not_found: { http: 404, exit: 2 },
  conflict: { http: 409, exit: 1 },
  refused: { http: 403, exit: 3 },
  in_use: { http: 423, exit: 1 },
  unavailable: { http: 503, exit: 1 },
  outstanding: { http: 409, exit: 1 },
  limit_exceeded: { http: 429, exit: 1 },
  unsupported: { http: 422, exit: 1 },
  corrupt: { http: 500, exit: 1 },
  internal: { http: 500, exit: 1 },
};

export const errorCodes = Object.keys(statuses) as ErrorCode[];

export const httpStatusOf = (code: ErrorCode): ContentfulStatusCode => statuses[code].http;

export const exitCodeOf = (code: ErrorCode): ExitCode => statuses[code].exit;
