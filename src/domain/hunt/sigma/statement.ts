/**
 * One statement for a batch of rules: the events of each source are read once, all rules of the source are decided
 * on them, and what is left is grouped by rule.
 */
import { limits } from '../../../kernel/limits.ts';
import { type Parameters, viewColumns, within } from '../event-sql.ts';
import type { Period } from '../types.ts';
import { Columns } from './columns.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { fieldsIn, guardOf } from './guard.ts';
import { anyPattern, conditionOf, type Mode } from './match-sql.ts';
import type { Target } from './plan.ts';
import { quote } from './sql-text.ts';

/** One question to the lake: a rule whose matches are findings, or one whose matches are correlated. */
export interface Sink {
  targets: readonly Target[];
  /** For a correlation: the fields of each match that it needs, by name. Findings need none. */
  keys?: readonly string[];
}

export interface BatchStatement {
  sql: string;
  parameters: Parameters;
}

/** Of one sink in one source. `events`: how many matched; `first` are the earliest, as tuples of `viewTuple`. */
export interface BatchRow {
  k: number;
  source: string;
  events: number;
  first: ViewTuple[];
  inputs: InputTuple[];
}
export type ViewTuple = [
  at: number,
  fileId: string,
  line: number,
  host: string,
  timeText: string,
  code: string,
  actor: string,
  address: string,
  message: string,
];
export type InputTuple = [at: number, fileId: string, line: number, keys: (string | null)[]];

const viewTuple = '(at, fileId, line, host, timeText, code, actor, address, message)';
const noKeys = "CAST([], 'Array(Nullable(String))')";

/** Answers with BatchRows: those of findings by source, those of correlations by source and hour, in order. */
export function statementOf(sinks: readonly Sink[], period: Period | undefined): BatchStatement {
  const time = period ? within(period) : { sql: '1', parameters: {} };
  const bySource = new Map<string, { k: number; sink: Sink; target: Target }[]>();
  for (const [k, sink] of sinks.entries())
    for (const target of sink.targets) {
      const { source } = target.answer;
      bySource.set(source, [...(bySource.get(source) ?? []), { k, sink, target }]);
    }
  const selects = [...bySource].map(([source, asked]) => selectOf(source, asked, time.sql));
  const correlated = sinks.flatMap((sink, k) => (sink.keys === undefined ? [] : [k]));
  const isInput = correlated.length === 0 ? '0' : `k IN (${correlated.join(', ')})`;
  const sql = `
    SELECT k, source, if(${isInput}, toUnixTimestamp(toStartOfHour(fromUnixTimestamp64Milli(at, 'UTC'))), 0) AS hour,
      count() AS events,
      groupArraySortedIf(${limits.sigmaFindingsPerRuleMax})(${viewTuple}, NOT (${isInput})) AS first,
      groupArrayIf((at, fileId, line, keys), ${isInput}) AS inputs
    FROM (${selects.join(' UNION ALL ')})
    GROUP BY k, source, hour ORDER BY k, source, hour`;
  return { sql, parameters: time.parameters };
}

interface Asked {
  k: number;
  sink: Sink;
  target: Target;
}

function selectOf(source: string, asked: readonly Asked[], time: string): string {
  const views = viewsOf(asked);
  const parts = [...views].map(([view, { fields, where }]) => {
    const own = asked.filter(({ target }) => target.answer.view === view);
    const guard = guardFor(own, fields);
    // Asks for the lists of all fields, and so comes before the question whether there are any.
    const several = severalHits(own, views);
    const single = singleHits(own, views, guard);
    const flag = fields.severalFlag();
    const all = flag === undefined ? single : `if(${flag}, ${fields.onlySeveral(several)}, ${single})`;
    // Of a single view, the scan gives no other events.
    return where === undefined || views.size === 1 ? all : `if(${where}, ${all}, [])`;
  });
  const hits = parts.length === 1 && parts[0] !== undefined ? parts[0] : `arrayConcat(${parts.join(', ')})`;
  const keys = asked.flatMap(({ k, sink, target }) =>
    sink.keys === undefined || sink.keys.length === 0
      ? []
      : [`k = ${k}, [${sink.keys.map((key) => keyOf(viewOf(views, target).fields, key)).join(', ')}]`],
  );
  for (const { fields } of views.values()) fields.finish();
  const [only] = views.size === 1 ? views.values() : [];
  const where = only?.where ?? '1';
  const scan = `SELECT * FROM events WHERE source = ${quote(source)} AND ${time} AND (${where})`;
  const read = [...views.values()].reduce((sql, { columns }) => columns.wrap(sql), scan);
  const keysSql = keys.length === 0 ? noKeys : `multiIf(${keys.join(', ')}, ${noKeys})`;
  // Without WHERE: the engine would unfold all the conditions to see what they say of its indexes, and never end.
  return `SELECT ${viewColumns.replace(/\s+/g, ' ')}, toUInt32(hit - 1) AS k, ${keysSql} AS keys
    FROM (SELECT *, arrayDistinct(${hits}) AS hits FROM (${read})) ARRAY JOIN hits AS hit`;
}

type Views = ReadonlyMap<object, ViewColumns>;

const conditionIn = ({ target }: Asked, views: Views, mode: Mode): string =>
  conditionOf(target.expr, viewOf(views, target).fields, mode);

const nonZero = (numbers: readonly string[]): string =>
  `arrayFilter(h -> h != 0, [${numbers.join(', ')}]::Array(UInt32))`;

function severalHits(own: readonly Asked[], views: Views): string {
  return nonZero(own.map((one) => `(${conditionIn(one, views, 'several')}) * ${one.k + 1}`));
}

interface GuardSql {
  /** 1 for the events that the rules behind it are decided on. */
  where: string;
  behind: readonly Asked[];
  others: readonly Asked[];
}

/** What only the rules behind the guard ask for is read only there. */
function guardFor(own: readonly Asked[], fields: Fields): GuardSql | undefined {
  const guard = guardOf(own.map(({ target }) => target.expr));
  if (!guard || !fields.get(guard.field)) return undefined;
  const [behind = [], others = []] = [true, false].map((is) =>
    own.filter((_, place) => guard.guarded.has(place) === is),
  );
  const namesIn = (some: readonly Asked[]) =>
    some.flatMap(({ target, sink }) => [...fieldsIn(target.expr), ...(sink.keys ?? [])]);
  const where = fields.keepApart({
    field: guard.field,
    test: anyPattern(guard.patterns),
    behind: namesIn(behind),
    others: namesIn(others),
  });
  return { where, behind, others };
}

/** In two parts: the rules behind the guard, and the others. */
function singleHits(own: readonly Asked[], views: Views, guard: GuardSql | undefined): string {
  const numbers = (some: readonly Asked[]) =>
    nonZero(some.map((one) => `if(${conditionIn(one, views, 'single')}, ${one.k + 1}, 0)`));
  if (!guard) return numbers(own);
  const guarded = `if(${guard.where}, ${numbers(guard.behind)}, [])`;
  return guard.others.length > 0 ? `arrayConcat(${guarded}, ${numbers(guard.others)})` : guarded;
}

interface ViewColumns {
  columns: Columns;
  fields: Fields;
  where: string | undefined;
}

/** Each view reads its fields in its own way, and has columns of its own. */
function viewsOf(asked: readonly Asked[]): Map<object, ViewColumns> {
  const views = new Map<object, ViewColumns>();
  for (const { target } of asked) {
    const { view } = target.answer;
    if (views.has(view)) continue;
    const columns = new Columns(`s${views.size}_`);
    views.set(view, { columns, fields: fieldsOf(view, columns), where: view.where });
  }
  return views;
}

function viewOf(views: Views, target: Target): ViewColumns {
  const view = views.get(target.answer.view);
  if (!view) throw new Error('every view of a statement has columns');
  return view;
}

/** The value that events are grouped by; NULL where the event has none, several as one text. */
function keyOf(fields: Fields, name: string): string {
  const field = fields.get(name);
  if (!field) return "CAST(NULL, 'Nullable(String)')";
  const single = `if(${field.missing()}, NULL, ${field.text()})`;
  const { several } = field;
  if (!several) return `CAST(${single}, 'Nullable(String)')`;
  const joined = `if(empty(${several.texts()}), NULL, arrayStringConcat(arraySort(${several.texts()}), ', '))`;
  return `CAST(if(${fields.severalFlag()}, ${joined}, ${single}), 'Nullable(String)')`;
}
