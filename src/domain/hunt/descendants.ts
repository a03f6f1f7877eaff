/** `hunt descendants`: everything that exposed principals made, transitively, each with the events that prove it. */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { plural } from '../../kernel/text.ts';
import { type CoverageInput, checkPeriod, coverageBetween, doubtsOf } from './coverage.ts';
import { exposeDescendants, type NameSystem } from './descendants/expose.ts';
import { findDescendants } from './descendants/find.ts';
import { countDescendants, listDescendants, saveDescendants } from './descendants/store.ts';
import type { Descendant, DescendantReport, ExposedPrincipal } from './descendants/types.ts';
import { recordRun } from './run.ts';
import type { HuntContext, Outstanding, Period, Watch } from './types.ts';
import { whileWanted } from './watch.ts';

export interface DescendantInput extends CoverageInput, Watch {
  incidentId: string;
  principals: readonly ExposedPrincipal[];
  /** What coverage is claimed of; what descendants made is followed up to its end. */
  period: Period;
  /** What the inventory calls the system of a source and host; the host's own name otherwise. */
  nameSystem?: NameSystem;
}

/** Stores what it finds; credentials among it go into the inventory and are exposed. */
export async function huntDescendants(
  context: HuntContext,
  input: DescendantInput,
): Promise<DescendantReport & { runId: string }> {
  const { incidentId, principals, period } = input;
  const hunt = whileWanted(context, input);
  checkPeriod(period);
  if (principals.length === 0)
    throw new FirebreakError('bad_input', 'name the principals that are taken to be in the wrong hands');
  for (const principal of principals) checkPeriod(principal);
  const what = { principals: principals.slice(0, 100), principalsTotal: principals.length, period };
  const { runId, result } = await recordRun(context, { incidentId, kind: 'descendants', what }, async () => {
    input.onProgress?.(0, null, 'what the logs cover');
    const { claims } = await coverageBetween(hunt, period, input);
    const { signal, onProgress } = input;
    const options = { incidentId, to: period.to, signal, onProgress };
    const found = await findDescendants(await hunt.lake(), principals, options);
    let added = 0;
    const doubts = doubtsOf(claims);
    return {
      result: { claims, doubts, added: () => added },
      claims,
      keep: { doubts },
      summary: {
        descendants: found.length,
        first: found
          .slice(0, 50)
          .map(({ id, kind, name, madeAt }) => ({ id, kind, name: name.slice(0, 200), madeAt })),
      },
      outstanding: doubts.map((why) => ({ what: 'more descendants can not be ruled out', why })),
      save: async (tx) => {
        for (let from = 0; from < found.length; from += limits.huntBatchRows)
          added += await saveDescendants(
            tx,
            incidentId,
            found.slice(from, from + limits.huntBatchRows),
            context.clock.now(),
          );
      },
    };
  });
  const exposed = await exposeDescendants(context, incidentId, input.nameSystem);
  const descendants = await listAll(context, incidentId);
  const census = await countDescendants(context.db, incidentId);
  const { claims, doubts } = result;
  const outstanding = outstandingOf(descendants, doubts);
  return { runId, descendants, census, added: result.added(), exposed, claims, doubts, outstanding };
}

async function listAll(context: HuntContext, incidentId: string): Promise<Descendant[]> {
  const all: Descendant[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const page = await listDescendants(context.db, {
      incidentId,
      limit: limits.huntBatchRows,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page);
    if (page.length < limits.huntBatchRows) return all;
  }
}

function outstandingOf(descendants: readonly Descendant[], doubts: readonly string[]): Outstanding[] {
  const open = descendants.filter(({ state }) => state === 'outstanding');
  return [
    ...open.map(({ kind, name, reason }) => ({ what: `${kind} ${name}`, why: reason })),
    ...(doubts.length > 0
      ? [
          {
            what: `more than ${plural(descendants.length, 'descendant')} can't be ruled out`,
            why: doubts.join('; '),
          },
        ]
      : []),
  ];
}
