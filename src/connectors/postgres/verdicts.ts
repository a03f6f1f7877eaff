/**
 * What PostgreSQL's error codes say of a credential and of an act.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { failed, indeterminate, networkFailure, networkReason } from '../calls.ts';
import type { IndeterminateReason, Outcome, Verdict } from '../contract.ts';
import { sqlState } from './client.ts';

type OutcomeError = Extract<Outcome, { outcome: 'error' }>;

/**
 * The codes that stop a login before or after the password was judged. NOLOGIN (28000) is checked after the
 * password was accepted, and pg_hba.conf refuses with the same code before it is asked for: neither says
 * that the password is dead. A missing database (3D000) and CONNECT (42501) are looked at after it.
 */
const reasons: Record<string, IndeterminateReason> = {
  '28000': 'not-permitted',
  '3D000': 'not-permitted',
  '42501': 'not-permitted',
  '55000': 'not-permitted',
  '53300': 'rate-limited',
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
  '57P04': 'not-permitted',
};

/** The verdict on a login that failed. Only 28P01 is PostgreSQL's "this password is wrong". */
export function judge(error: unknown): Verdict {
  const code = sqlState(error);
  const message = messageOf(error);
  if (code === '28P01') return { verdict: 'rejected', code, message };
  if (code !== undefined) return indeterminate(reasonOf(code), `${code}: ${message}`);
  return indeterminate(driverReason(error), message);
}

function reasonOf(code: string): IndeterminateReason {
  return reasons[code] ?? (code.startsWith('08') ? 'protocol' : 'unknown-error');
}

function driverReason(error: unknown): IndeterminateReason {
  const reason = networkReason(error);
  if (reason) return reason;
  const message = messageOf(error);
  if (/connection terminated/i.test(message)) return 'unreachable';
  if (/timeout/i.test(message)) return 'timeout';
  return 'protocol';
}

/** The outcome of an act that failed. */
export function failure(error: unknown): OutcomeError {
  const code = sqlState(error);
  const message = messageOf(error);
  if (code !== undefined) return failed(code, message, /^(08|40|53|55P03|57)/.test(code) ? 'later' : 'never');
  if (error instanceof FirebreakError) return failed(error.code, message, error.retry);
  return networkFailure(error) ?? failed(driverReason(error), message, 'later');
}
