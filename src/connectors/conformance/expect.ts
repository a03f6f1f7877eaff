/** Small checks whose failures say what the contract wants and what happened. */
import { inspect } from 'node:util';
import { systemRandom } from '../../kernel/random.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { IndeterminateReason, Issued, Minted, Outcome, Session, Target, Verdict } from '../contract.ts';
import type { Bench, Sample } from './types.ts';

export function expect(condition: unknown, wanted: string, got?: unknown): asserts condition {
  if (condition) return;
  throw new Error(
    `the contract wants: ${wanted}${got === undefined ? '' : `; got ${inspect(got, { depth: 5 })}`}`,
  );
}

export function expectAccepted(verdict: Verdict, principal: string, what: string): void {
  expect(
    verdict.verdict === 'accepted' && verdict.principal === principal,
    `${what} is accepted as ${principal}`,
    verdict,
  );
}

export function expectRejected(verdict: Verdict, what: string): void {
  expect(verdict.verdict === 'rejected', `${what} is rejected`, verdict);
  expect(verdict.code !== '', "a rejection carries the system's own error code", verdict);
}

export function expectIndeterminate(
  verdict: { verdict: string; reason?: IndeterminateReason },
  reasons: readonly IndeterminateReason[],
  what: string,
): void {
  const fits =
    verdict.verdict === 'indeterminate' && verdict.reason !== undefined && reasons.includes(verdict.reason);
  expect(fits, `${what} is indeterminate (${reasons.join(' or ')})`, verdict);
}

export function expectOutcome(
  outcome: Outcome | Issued | Minted,
  kinds: readonly Outcome['outcome'][],
  what: string,
): void {
  expect(kinds.includes(outcome.outcome), `${what} is ${kinds.join(' or ')}`, outcome);
}

/** A replacement, however the kind is replaced. */
export interface Replacement {
  target: Target;
  secret: Secret;
  cutover: string;
}

/** Issues a replacement of `sample` and notes what came back. */
export async function replace(bench: Bench, sample: Sample, key = 'conformance'): Promise<Replacement> {
  const issue = issueOf(bench.session);
  if (issue.style === 'mint') {
    const minted = bench.note(await issue.mint(sample.target, key, bench.signal));
    expect(minted.outcome === 'done', 'a live credential can be replaced', minted);
    bench.keep(minted.secret);
    return minted;
  }
  const secret = bench.keep(issue.generate(sample.target, systemRandom));
  const issued = bench.note(await issue.set(sample.target, secret, bench.signal));
  expect(issued.outcome === 'done', 'a live credential can be replaced', issued);
  return { target: sample.target, secret, cutover: issued.cutover };
}

export function issueOf(session: Session): NonNullable<Session['issue']> {
  expect(session.issue, 'a connector with a kind that is replaced offers issue');
  return session.issue;
}

/** The kinds whose replacement is one of `wanted`. */
export const kindsOf = (bench: Bench, ...wanted: string[]): string[] =>
  bench.kinds.filter(([, kind]) => wanted.includes(kind.replacement)).map(([id]) => id);

/** Asks again and again until `check` says yes; says whether it ever did within `ms`. */
export async function eventually(check: () => Promise<boolean>, ms = 5_000): Promise<boolean> {
  const giveUpAt = performance.now() + ms;
  for (;;) {
    if (await check()) return true;
    if (performance.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
