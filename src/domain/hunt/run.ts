/**
 * A run of a hunt, written down before it begins and when it ends: what was asked for, over which coverage, and
 * how much was found. Its findings and its end are committed together.
 */

import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import { count } from '../../kernel/text.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import type { Claim } from './coverage/types.ts';
import { cutDoubts } from './doubts.ts';
import { failRun, finishRun, insertRun, saveFindings } from './store.ts';
import type { FindingTally, NewFinding, Outstanding, RunDoubt, RunKind } from './types.ts';

export interface RunInput {
  incidentId: string;
  kind: RunKind;
  /** What was asked for: JSON, small enough for the ledger. */
  what: object;
}

/** What a verb gives back to be kept. */
export interface RunOutcome<T> {
  result: T;
  findings?: readonly NewFinding[];
  claims?: readonly Claim[];
  /** Kept with the run, so that a report needs not hunt again. */
  keep?: object;
  /** What the ledger says of the outcome: counts and the first few names. */
  summary: object;
  outstanding: readonly Outstanding[];
  /** What stays open in the incident, beside what the claims say. */
  doubts?: readonly RunDoubt[];
  /** Writes what else belongs to the outcome, in the same transaction. */
  save?: (tx: Tx, runId: string) => Promise<void>;
}

/** Throws what `act` throws, after it has been written down. */
export async function recordRun<T>(
  context: Context,
  input: RunInput,
  act: (runId: string) => Promise<RunOutcome<T>>,
): Promise<{ runId: string; result: T; tally: FindingTally }> {
  const runId = newId('hunt', context.random);
  const entry = { actor: context.actor, incidentId: input.incidentId, subject: runId };
  await context.db.transaction().execute(async (tx) => {
    const { incidentId, kind, what } = input;
    await insertRun(tx, { id: runId, incidentId, kind, what, at: context.clock.now(), by: context.actor });
    await context.ledger.appendWithin(tx, [{ ...entry, kind: `hunt.${kind}.started`, data: what }]);
  });
  try {
    const outcome = await act(runId);
    return { runId, result: outcome.result, tally: await finish(context, runId, input, outcome) };
  } catch (error) {
    await context.db.transaction().execute(async (tx) => {
      const data = { because: messageOf(error).slice(0, limits.huntMessageCharsMax) };
      const [seq = 0] = await context.ledger.appendWithin(tx, [
        { ...entry, kind: `hunt.${input.kind}.failed`, data },
      ]);
      await failRun(tx, runId, data.because, seq);
    });
    throw error;
  }
}

async function finish<T>(
  context: Context,
  runId: string,
  { incidentId, kind }: RunInput,
  outcome: RunOutcome<T>,
): Promise<FindingTally> {
  const { findings = [], claims = [], keep = {}, outstanding, doubts = [] } = outcome;
  if (findings.length > limits.huntFindingsMax)
    throw new FirebreakError(
      'limit_exceeded',
      `${count(findings.length)} findings; at most ${count(limits.huntFindingsMax)} are kept of one run: narrow the rules or the period`,
    );
  return context.db.transaction().execute(async (tx) => {
    const at = context.clock.now();
    let added = 0;
    for (let from = 0; from < findings.length; from += limits.huntBatchRows)
      added += await saveFindings(
        tx,
        incidentId,
        runId,
        findings.slice(from, from + limits.huntBatchRows),
        at,
      );
    await outcome.save?.(tx, runId);
    const tally = { found: findings.length, added };
    const coverage = Object.fromEntries(claims.map(({ source, verdict }) => [source, verdict]));
    const data = {
      ...tally,
      ...outcome.summary,
      coverage,
      outstanding: outstanding.length,
      firstOutstanding: outstanding.slice(0, 20).map(({ what, why }) => ({ what, why: why.slice(0, 500) })),
    };
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: `hunt.${kind}.finished`, actor: context.actor, incidentId, subject: runId, data },
    ]);
    const kept = { outstanding, doubts: cutDoubts(doubts) };
    await finishRun(tx, runId, { at, tally, claims, result: keep, ...kept, seq });
    return tally;
  });
}
