/**
 * `triage stack`: which one of five thousand differs from its siblings. What is rare among peers, what nearly all
 * have and one has not, what changed in the attacker's time, belongs to exposed principals, matches an indicator or
 * stood out on its host alone; each with a score that its reasons explain.
 */
import { limits } from '../../kernel/limits.ts';
import type { Lake } from '../../lake/index.ts';
import { type Advisory, windowOf } from '../advisory/index.ts';
import type { HuntContext, Period } from '../hunt/index.ts';
import { type Background, explainMissing, explainRanked } from './stack/explain.ts';
import { matchProcessRules } from './stack/sigma.ts';
import {
  type MatchRow,
  type MissingRow,
  matchStatement,
  missingStatement,
  type RankedRow,
  rankStatement,
  type Scope,
  sampleStatement,
  scopeOf,
  sizeStatement,
  type WholeRow,
  wholeStatement,
} from './stack/statements.ts';
import { findSuspects, soughtFacts } from './stack/suspects.ts';
import type { Outlier, StackInput, StackReport } from './stack/types.ts';
import { readProgress } from './store.ts';
import { listLeftovers } from './store-hosts.ts';

/** From the begin of the breach until now: whoever came in by it may still be there. */
export const attackersTime = (advisory: Advisory, now: Date): Period => ({
  from: windowOf(advisory).from ?? new Date(0),
  to: now,
});

/** Reads and compares; nothing is changed. */
export async function stackFacts(
  context: HuntContext,
  incident: { id: string; advisory: Advisory },
  input: StackInput,
): Promise<StackReport> {
  const startedMs = context.clock.monotonicMs();
  const lake = await context.lake();
  const scope = scopeOf(input, await listLeftovers(context.db, input.collectionId));
  const { suspects, notes } = await findSuspects(context, incident);
  const named = soughtFacts(incident.advisory);
  const rules = await matchProcessRules(lake, scope, input.sigma ?? []);
  const sought = [...named.sought, ...rules.sought];
  const limit = Math.min(input.limit, limits.stackOutliersMax);
  // Side by side: what one of them does on a single thread, another fills.
  const [{ outliers: present, all }, { outliers: missing, all: allMissing }, [size], { census }] =
    await Promise.all([
      findMatches(lake, scope, named.sought).then((hits) => {
        // Rules stand behind the indicators in the list.
        for (const { fact, hits: places } of rules.rows)
          hits.set(fact, [...(hits.get(fact) ?? []), ...places.map((place) => place + named.sought.length)]);
        const background = { suspects: new Map(suspects.map((one) => [one.name, one])), sought, hits };
        return rank(lake, scope, { ...input, limit }, background);
      }),
      rankMissing(lake, scope, { ...input, limit }),
      read<{ hosts: number; facts: number }>(lake, sizeStatement(scope)),
      readProgress(context.db, input.collectionId, context.clock.now()),
    ]);
  const outliers = [...present, ...missing].sort((a, b) => b.score - a.score).slice(0, limit);
  return {
    collectionId: input.collectionId,
    window: { from: input.window.from.toISOString(), to: input.window.to.toISOString() },
    hosts: size?.hosts ?? 0,
    facts: size?.facts ?? 0,
    outliers,
    more: all + allMissing - outliers.length,
    withoutFacts: input.role === undefined ? Math.max(0, census.total - (size?.hosts ?? 0)) : 0,
    notes: [...notes, ...named.notes, ...rules.notes],
    seconds: (context.clock.monotonicMs() - startedMs) / 1_000,
  };
}

const read = <Row>(lake: Lake, { sql, parameters }: Scope): Promise<Row[]> => lake.rows<Row>(sql, parameters);

async function findMatches(
  lake: Lake,
  scope: Scope,
  sought: Background['sought'],
): Promise<Map<string, readonly number[]>> {
  const statement = matchStatement(scope, sought);
  const rows = statement ? await read<MatchRow>(lake, statement) : [];
  return new Map(rows.map(({ fact, hits }) => [fact, hits]));
}

async function rank(
  lake: Lake,
  scope: Scope,
  input: StackInput,
  background: Background,
): Promise<{ outliers: Outlier[]; all: number }> {
  const matches = new Map(
    [...background.hits].map(([fact, hits]) => [
      fact,
      Math.max(...hits.map((index) => background.sought[index]?.points ?? 0)),
    ]),
  );
  const marks = { suspects: [...background.suspects.keys()], matches };
  const ranked = await read<RankedRow>(lake, rankStatement(input, scope, marks));
  if (ranked.length === 0) return { outliers: [], all: 0 };
  const whole = new Map<string, WholeRow>();
  for (const row of await read<WholeRow>(lake, wholeStatement(scope, ranked)))
    whole.set(`${row.fact} ${row.host}`, row);
  const outliers = ranked.flatMap((row) => {
    const texts = whole.get(`${row.fact} ${row.host}`);
    return texts ? [explainRanked(row, texts, background)] : [];
  });
  return { outliers, all: ranked[0]?.all ?? 0 };
}

async function rankMissing(
  lake: Lake,
  scope: Scope,
  input: StackInput,
): Promise<{ outliers: Outlier[]; all: number }> {
  const rows = await read<MissingRow>(lake, missingStatement(input, scope));
  if (rows.length === 0) return { outliers: [], all: 0 };
  const samples = new Map(
    (
      await read<{ thing: string; key: string; value: string; technique: string; path: string }>(
        lake,
        sampleStatement(scope, rows),
      )
    ).map((sample) => [sample.thing, sample]),
  );
  const outliers = rows.flatMap((row) => {
    const sample = samples.get(row.thing);
    return sample ? [explainMissing(row, sample)] : [];
  });
  return { outliers, all: rows[0]?.all ?? 0 };
}
