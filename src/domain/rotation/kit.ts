/** What the stages of a rotation work with, and how they call a target system. */
import type { Outcome, Session, Target, Verdict } from '../../connectors/contract.ts';
import { asPrincipal } from '../../connectors/contract.ts';
import type { Faults } from '../../engine/index.ts';
import { limits } from '../../kernel/limits.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { Context } from '../context.ts';
import type { Systems } from '../inventory/index.ts';
import type { Member } from './store-members.ts';
import type { Mode } from './types.ts';

export interface Kit {
  context: Context;
  systems: Systems;
  faults: Faults;
}

/** A member with the session of its system at hand. */
export interface Work {
  member: Member;
  session: Session;
  mode: Mode;
  target: Target;
  /** Who the system must say we are after a login. */
  principal: string;
}

/** Attempts at a call that failed for a passing reason. Connectors never retry; here is where it is done. */
const attemptsMax = 3;
const firstPauseMs = 200;

const passing = new Set(['unreachable', 'timeout', 'rate-limited']);

function mayPass(answer: Verdict | Outcome | { outcome: string; retry?: string }): boolean {
  if ('verdict' in answer) return answer.verdict === 'indeterminate' && passing.has(answer.reason);
  return answer.outcome === 'error' && 'retry' in answer && answer.retry === 'later';
}

/** Calls the target within the time limit, and again when what went wrong may pass. */
export async function callTarget<T extends Verdict | Outcome | { outcome: string; retry?: string }>(
  kit: Kit,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1, pauseMs = firstPauseMs; ; attempt++, pauseMs *= 2) {
    const answer = await call(AbortSignal.timeout(limits.targetCallMsMax));
    if (attempt === attemptsMax || !mayPass(answer)) return answer;
    await kit.context.clock.sleep(pauseMs);
  }
}

/** Tries a secret over a fresh connection; accepted as somebody else is indeterminate. */
export async function tryLogin(
  kit: Kit,
  work: Work,
  target: Target,
  secret: Secret,
  principal: string,
): Promise<Verdict> {
  return callTarget(kit, async (signal) =>
    asPrincipal(await work.session.verify(target, secret, signal), principal),
  );
}

/** Where a member's secrets are sealed: they open only there. */
export const sealPlace = (member: { campaignId: string; ordinal: number }, which: 'old' | 'new'): string =>
  `rotation:${member.campaignId}:${member.ordinal}:${which}`;

/** A text that says what a verdict was. */
export function describeVerdict(verdict: Verdict): string {
  if (verdict.verdict === 'accepted') return `accepted as ${verdict.principal}`;
  if (verdict.verdict === 'rejected') return `rejected with ${verdict.code}: ${verdict.message}`;
  return `indeterminate (${verdict.reason}): ${verdict.message}`;
}
