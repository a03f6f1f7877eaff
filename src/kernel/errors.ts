/**
 * The one error class for operating failures. `code` is closed; `facts` hold no secrets; the message says
 * what happened, why, and what to do next. The API and the CLI map codes in src/api/status.ts.
 */

import { limits } from './limits.ts';
import { count, plural } from './text.ts';

export type ErrorCode =
  | 'bad_input' // what was given does not parse or does not fit the schema
  | 'not_found'
  | 'conflict' // the state has moved on; read it again
  | 'refused' // permission, policy or a missing approval forbids it
  | 'in_use' // another process holds it
  | 'unavailable' // a system we need does not answer
  | 'outstanding' // something is still open
  | 'limit_exceeded'
  | 'unsupported'
  | 'corrupt' // evidence or stored data fails its own check
  | 'internal';

/** One fault of an input: where it is, what was expected there, what stands there. */
export interface Fault {
  file?: string;
  line?: number;
  column?: number;
  field?: string;
  expected: string;
  got?: string;
}

interface ErrorDetails {
  /** Whether the same call may succeed later without change. */
  retry?: 'never' | 'later';
  facts?: Record<string, string | number | boolean>;
  faults?: Fault[];
  cause?: unknown;
}

export class FirebreakError extends Error {
  readonly code: ErrorCode;
  readonly retry: 'never' | 'later';
  readonly facts: Record<string, string | number | boolean>;
  readonly faults: Fault[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'FirebreakError';
    this.code = code;
    this.retry = details.retry ?? 'never';
    this.facts = details.facts ?? {};
    this.faults = details.faults ?? [];
  }
}

/** `advisory.yaml:12:3: windows[0].from: expected an ISO 8601 time, got "soon"` */
export function describeFault(fault: Fault): string {
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':');
  const head = [place, fault.field].filter((part) => part).join(': ');
  const got = fault.got === undefined ? '' : `, got ${fault.got}`;
  return `${head}${head ? ': ' : ''}expected ${fault.expected}${got}`;
}

/** The error for bad input: names the file and lists every fault up to the limit. */
export function badInput(what: string, faults: Fault[]): FirebreakError {
  const listed = faults.slice(0, limits.faultsListedMax);
  const more = faults.length > listed.length ? ` (the first ${count(listed.length)} are listed)` : '';
  return new FirebreakError('bad_input', `${what}: ${plural(faults.length, 'fault')}${more}`, {
    faults: listed,
  });
}

/** A broken invariant: a bug of ours, so it stops the step at once. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new FirebreakError('internal', `invariant broken: ${message}`);
}

/** The message of anything thrown, for a log line or a reason. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(messageOf))].join('; ');
  return error instanceof Error ? error.message : String(error);
}
