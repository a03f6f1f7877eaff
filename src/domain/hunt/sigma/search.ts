/** Runs batches of rules over the lake. A statement that the engine refuses is halved until the rule at fault is alone. */
import { FirebreakError, messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { count } from '../../../kernel/text.ts';
import type { Lake, ReadOptions } from '../../../lake/index.ts';
import type { EventView, Period, Watch } from '../types.ts';
import { passOf } from '../watch.ts';
import type { Occurrence } from './correlate.ts';
import { engineRegex } from './match-sql.ts';
import type { Target } from './plan.ts';
import { type BatchRow, type Sink, statementOf, type ViewTuple } from './statement.ts';
import type { DetectionRule, Expr, Problem } from './types.ts';

/** What a sink got from the lake. */
export interface Answered {
  /** Matches by source, all of them counted. */
  bySource: { source: string; events: number }[];
  /** The earliest matches; empty for a sink of a correlation. */
  first: EventView[];
  inputs: Omit<Occurrence, 'slot'>[];
}

export interface SearchResult<S extends Sink> {
  answers: Map<S, Answered>;
  refused: { sink: S; reason: string }[];
}

export async function searchLake<S extends Sink>(
  lake: Lake,
  sinks: readonly S[],
  period: Period | undefined,
  watch: Watch,
): Promise<SearchResult<S>> {
  const result: SearchResult<S> = { answers: new Map(), refused: [] };
  const budget = { inputs: limits.sigmaCorrelationEventsMax };
  const perPass = limits.sigmaRulesPerPass;
  for (let from = 0; from < sinks.length; from += perPass) {
    watch.signal?.throwIfAborted();
    const some = sinks.slice(from, from + perPass);
    const of = sinks.length > perPass ? ` of ${count(sinks.length)}` : '';
    const options = passOf(watch, `${count(some.length)}${of} rules in one pass`);
    await searchBatch({ lake, period, options, budget }, some, result);
  }
  return result;
}

interface Pass {
  lake: Lake;
  period: Period | undefined;
  options: ReadOptions;
  budget: { inputs: number };
}

async function searchBatch<S extends Sink>(
  pass: Pass,
  sinks: readonly S[],
  result: SearchResult<S>,
): Promise<void> {
  const { lake, period, options, budget } = pass;
  try {
    const { sql, parameters } = statementOf(sinks, period);
    const answers = new Map(
      sinks.map((sink): [S, Answered] => [sink, { bySource: [], first: [], inputs: [] }]),
    );
    for await (const row of lake.stream<BatchRow>(sql, parameters, options)) {
      const sink = sinks[row.k];
      const answer = sink && answers.get(sink);
      if (answer) addRow(answer, row, budget);
    }
    for (const [sink, answer] of answers) result.answers.set(sink, answer);
  } catch (error) {
    const isRefused = error instanceof FirebreakError && error.code === 'bad_input';
    const [only] = sinks;
    if (!isRefused) throw error;
    if (sinks.length === 1 && only) {
      result.refused.push({ sink: only, reason: messageOf(error).slice(0, limits.huntMessageCharsMax) });
      return;
    }
    const half = Math.ceil(sinks.length / 2);
    await searchBatch(pass, sinks.slice(0, half), result);
    await searchBatch(pass, sinks.slice(half), result);
  }
}

function addRow(answer: Answered, row: BatchRow, budget: { inputs: number }): void {
  const known = answer.bySource.find(({ source }) => source === row.source);
  if (known) known.events += row.events;
  else answer.bySource.push({ source: row.source, events: row.events });
  answer.first.push(...row.first.map((tuple) => toEvent(row.source, tuple)));
  budget.inputs -= row.inputs.length;
  if (budget.inputs < 0)
    throw new FirebreakError(
      'limit_exceeded',
      `correlations are about more than ${limits.sigmaCorrelationEventsMax} events: narrow the period or the rules`,
    );
  for (const [at, fileId, line, keys] of row.inputs)
    answer.inputs.push({ at, fileId, line, source: row.source, keys });
}

function toEvent(source: string, tuple: ViewTuple): EventView {
  const [at, fileId, line, host, timeText, code, actor, address, message] = tuple;
  return { at: new Date(at), fileId, line, source, host, timeText, code, actor, address, message };
}

function regexesIn(expr: Expr): string[] {
  switch (expr.kind) {
    case 'regex':
      return [engineRegex(expr)];
    case 'not':
      return regexesIn(expr.item);
    case 'and':
    case 'or':
      return expr.items.flatMap(regexesIn);
    default:
      return [];
  }
}

/** Rules with an expression that the engine's RE2 does not know, such as one with look-ahead. */
export async function checkRegexes(
  lake: Lake,
  targets: readonly Target[],
): Promise<Map<DetectionRule, Problem>> {
  const byRegex = new Map<string, Set<DetectionRule>>();
  for (const { rule, expr } of targets)
    for (const regex of regexesIn(expr)) byRegex.set(regex, (byRegex.get(regex) ?? new Set()).add(rule));
  const problems = new Map<DetectionRule, Problem>();
  for (const [regex, rules] of byRegex)
    try {
      await lake.rows("SELECT match('', {regex:String}) AS matches", { regex });
    } catch (error) {
      if (!(error instanceof FirebreakError) || error.code !== 'bad_input') throw error;
      const why = /error: ([^.]*)/.exec(error.message)?.[1] ?? error.message.slice(0, 200);
      const reason = `the engine's RE2 does not take the expression ${regex}: ${why}`;
      for (const rule of rules)
        problems.set(rule, { rule: rule.id, title: rule.title, ...rule.place, reason });
    }
  return problems;
}

/** The events as lists show them. */
export async function readEvents(
  lake: Lake,
  wanted: readonly { source: string; at: number; fileId: string; line: number }[],
  viewColumns: string,
): Promise<Map<string, EventView>> {
  const found = new Map<string, EventView>();
  for (let from = 0; from < wanted.length; from += limits.huntBatchRows) {
    const some = wanted.slice(from, from + limits.huntBatchRows);
    const rows = await lake.rows<Omit<EventView, 'at'> & { at: number }>(
      `SELECT ${viewColumns} FROM events
       WHERE source IN {sources:Array(String)} AND file_id IN {files:Array(String)} AND line IN {lines:Array(UInt64)}
         AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         AND concat(toString(file_id), ':', toString(line)) IN {keys:Array(String)}`,
      {
        sources: [...new Set(some.map(({ source }) => source))],
        files: [...new Set(some.map(({ fileId }) => fileId))],
        lines: [...new Set(some.map(({ line }) => line))],
        from: Math.min(...some.map(({ at }) => at)),
        to: Math.max(...some.map(({ at }) => at)),
        keys: some.map(keyOf),
      },
    );
    for (const row of rows) found.set(keyOf(row), { ...row, at: new Date(row.at) });
  }
  return found;
}

export const keyOf = ({ fileId, line }: { fileId: string; line: number }): string => `${fileId}:${line}`;
