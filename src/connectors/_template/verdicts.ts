/** What Template's error codes say of a credential and of an act. Link the vendor's list of them here. */
import { messageOf } from '../../kernel/errors.ts';
import { failed, indeterminate, networkFailure, networkReason } from '../calls.ts';
import type { Outcome, Verdict } from '../contract.ts';
import { TemplateRefusal } from './client.ts';

/** The codes that mean "this credential is wrong", and nothing else. All others are indeterminate. */
const rejections = new Set(['wrong-password']);

export function judge(error: unknown): Verdict {
  const message = messageOf(error);
  if (error instanceof TemplateRefusal) {
    if (rejections.has(error.code)) return { verdict: 'rejected', code: error.code, message };
    return indeterminate('unknown-error', message);
  }
  return indeterminate(networkReason(error) ?? 'protocol', message);
}

export function failure(error: unknown): Extract<Outcome, { outcome: 'error' }> {
  if (error instanceof TemplateRefusal) return failed(error.code, error.message, 'never');
  return networkFailure(error) ?? failed('protocol', messageOf(error), 'later');
}
