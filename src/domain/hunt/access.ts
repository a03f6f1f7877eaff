/** `hunt access`: what the attacker viewed, searched for, downloaded, archived, cloned, and what can't be ruled out. */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { plural } from '../../kernel/text.ts';
import { judgeClasses } from './access/classes.ts';
import { findAccess, findReaders } from './access/find.ts';
import { countTypes, mergeRows } from './access/summarise.ts';
import { readTotals } from './access/totals.ts';
import type { AccessReport, Attacker, ClassVerdict, DataClass } from './access/types.ts';
import { type AttackerAliases, aliasesOfAttacker } from './attacker.ts';
import { type CoverageInput, checkPeriod, coverageBetween, doubtsOf } from './coverage.ts';
import { recordRun } from './run.ts';
import { listRuns } from './store.ts';
import type { HuntContext, Outstanding, Period, Watch } from './types.ts';
import { whileWanted } from './watch.ts';

export interface AccessInput extends CoverageInput, Watch {
  incidentId: string;
  attacker: Attacker;
  period: Period;
  /** Protected classes of data and where they are kept. */
  classes?: readonly DataClass[];
  /** A file with how many things of each type there are. */
  totalsFile?: string;
}

/** Throws bad_input when nobody is named whose acts could be looked at. */
export async function huntAccess(
  context: HuntContext,
  input: AccessInput,
): Promise<AccessReport & { runId: string }> {
  const { incidentId, attacker, period, classes = [] } = input;
  const hunt = whileWanted(context, input);
  checkPeriod(period);
  const totals = input.totalsFile === undefined ? {} : await readTotals(input.totalsFile);
  const what = {
    principals: attacker.principals.slice(0, 100).map(({ principal }) => principal),
    principalsTotal: attacker.principals.length,
    addresses: attacker.addresses.slice(0, 100),
    period,
    totals,
    classes: classes.map((one) => one.class),
  };
  input.onProgress?.(0, steps, 'who is meant');
  const who = await aliasesOfAttacker(hunt, incidentId, attacker, period);
  if (who.aliases.length === 0 && attacker.addresses.length === 0)
    throw new FirebreakError(
      'bad_input',
      'name whose acts are meant: no credential is exposed, nothing was made and no address was seen',
    );
  const { runId, result } = await recordRun(context, { incidentId, kind: 'access', what }, async () => {
    const report = await look(hunt, input, who, totals);
    return {
      result: report,
      claims: report.claims,
      keep: {
        ...report,
        resources: report.resources.slice(0, limits.accessResourcesKept),
        refused: report.refused.slice(0, limits.accessResourcesKept),
        claims: undefined,
        outstanding: undefined,
      },
      summary: {
        types: report.types.map(({ topics: _, ...rest }) => rest),
        classes: report.classes.map(({ class: name, verdict, events }) => ({ class: name, verdict, events })),
      },
      outstanding: report.outstanding,
      doubts: report.classes.filter(({ verdict }) => verdict === 'cannot-be-ruled-out').map(classOpen),
    };
  });
  return { ...result, runId };
}

const steps = 5;

async function look(
  context: HuntContext,
  input: AccessInput,
  who: AttackerAliases,
  totals: Readonly<Record<string, number>>,
): Promise<AccessReport> {
  const { incidentId, attacker, period, classes = [], onProgress, signal } = input;
  const step = (done: number, at: string) => {
    signal?.throwIfAborted();
    onProgress?.(done, steps, at);
  };
  step(1, 'what the logs cover');
  const { claims } = await coverageBetween(context, period, input);
  const lake = await context.lake();
  step(2, 'what they read');
  const { read, refused } = mergeRows(await findAccess(lake, who.aliases, period));
  step(3, 'from where');
  const readers = await findReaders(lake, who.aliases, period);
  step(4, 'protected classes');
  const doubts = doubtsOf(claims);
  const open = await openQuestions(context, incidentId);
  const verdicts = await judgeClasses(lake, classes, { aliases: who.aliases, period, claims, doubts: open });
  return {
    period,
    principals: attacker.principals.length,
    descendants: who.descendants,
    addresses: who.addresses,
    types: countTypes(read, refused, totals),
    resources: read,
    refused,
    readers,
    classes: verdicts,
    claims,
    doubts,
    outstanding: outstandingOf(verdicts, [...doubts, ...open]),
  };
}

/** Whoever was not looked for was not seen. */
async function openQuestions(context: HuntContext, incidentId: string): Promise<string[]> {
  const runs = await listRuns(context.db, incidentId, 'descendants');
  if (runs.some(({ finishedAt }) => finishedAt !== null)) return [];
  return ['what the exposed principals made was not looked for: firebreak hunt descendants'];
}

const classOpen = ({ class: name, verdict, because }: ClassVerdict): Outstanding => ({
  what: verdict === 'accessed' ? `${name} was accessed` : `access to ${name} can't be ruled out`,
  why: because.join('; '),
});

function outstandingOf(classes: readonly ClassVerdict[], doubts: readonly string[]): Outstanding[] {
  const open = classes.filter(({ verdict }) => verdict !== 'no-access-seen');
  return [
    ...open.map(classOpen),
    ...(doubts.length > 0
      ? [
          {
            what: `more than was seen can't be ruled out (${plural(doubts.length, 'doubt')})`,
            why: doubts.join('; '),
          },
        ]
      : []),
  ];
}
