/**
 * Finds what exposed principals made, and what that made, until a round finds nothing new. Each round is one
 * statement over the lake: the principals that are new since the round before go in as parameters.
 */

import { FirebreakError } from '../../../kernel/errors.ts';
import { sha256Hex } from '../../../kernel/hash.ts';
import { limits } from '../../../kernel/limits.ts';
import { count } from '../../../kernel/text.ts';
import type { Lake } from '../../../lake/index.ts';
import { type Alias, aliasOfExposed, aliasParameters, eventsOf } from '../aliases.ts';
import { type EventRow, toEventView, viewColumns } from '../event-sql.ts';
import type { Watch } from '../types.ts';
import { type CompiledRule, compiledRules, realmOf, ruleNumber, scopeOf, spelledCodes } from './rule-sql.ts';
import type { ExposedPrincipal, FoundDescendant, TextColumn } from './types.ts';

const readColumns = [
  'user_name',
  'user_uid',
  'user_email',
  'group_name',
  'group_uid',
  'resource_name',
  'resource_uid',
  'resource_type',
  'made_uid',
  'actor_user_name',
  'actor_user_uid',
  'actor_user_email',
  'actor_app_name',
  'file_path',
  'process_cmd_line',
  'query_text',
] as const satisfies readonly TextColumn[];

type MakingRow = EventRow &
  Record<(typeof readColumns)[number], string> & { rule: number; parents: string[] };

const roundSql = `${eventsOf({
  steps: [spelledCodes, `${ruleNumber} AS rule`],
  columns: `${viewColumns}, ${readColumns.join(', ')}, rule`,
  where: 'rule >= 0',
})} ORDER BY at, fileId, line`;

export interface FindOptions extends Watch {
  incidentId: string;
  /** Nothing later than this is looked at. */
  to: Date;
}

/** Throws limit_exceeded when there are more than the bounds of limits.ts admit; never gives a part of them. */
export async function findDescendants(
  lake: Lake,
  exposed: readonly ExposedPrincipal[],
  { incidentId, to, signal, onProgress }: FindOptions,
): Promise<FoundDescendant[]> {
  const search = new Search(incidentId, to.getTime());
  let pending = exposed.map(aliasOfExposed);
  for (let round = 1; pending.length > 0; round++) {
    if (round > limits.descendantRoundsMax)
      throw new FirebreakError(
        'limit_exceeded',
        `what was made makes more after ${limits.descendantRoundsMax} rounds: narrow the principals or the period`,
      );
    signal?.throwIfAborted();
    onProgress?.(round - 1, null, `generation ${round}: ${count(pending.length)} names`);
    const rows = await readRound(lake, pending);
    pending = search.take(rows);
  }
  return search.found();
}

const readRound = (lake: Lake, aliases: readonly Alias[]): Promise<MakingRow[]> =>
  lake.rows<MakingRow>(roundSql, aliasParameters(aliases), { rowsMax: limits.descendantEventsMax });

/** What has been found so far. */
class Search {
  readonly #incidentId: string;
  readonly #to: number;
  readonly #found = new Map<string, FoundDescendant>();
  /** The earliest time from which each alias is followed. */
  readonly #followed = new Map<string, number>();

  constructor(incidentId: string, to: number) {
    this.#incidentId = incidentId;
    this.#to = to;
  }

  found(): FoundDescendant[] {
    const all = [...this.#found.values()];
    for (const one of all) one.edges.sort((a, b) => a.event.at.getTime() - b.event.at.getTime());
    return all.sort((a, b) => a.madeAt.getTime() - b.madeAt.getTime() || (a.id < b.id ? -1 : 1));
  }

  /** Adds what the rows show, and returns the aliases that are new or known from an earlier time on. */
  take(rows: readonly MakingRow[]): Alias[] {
    return rows.flatMap((row) => {
      const rule = compiledRules[row.rule];
      if (!rule || row.at > this.#to) return [];
      const descendant = this.#add(row, rule);
      return descendant ? this.#aliasesOf(row, rule, descendant) : [];
    });
  }

  /** Undefined when the row shows nothing that was not known: a thing that makes itself anew, or a known edge. */
  #add(row: MakingRow, rule: CompiledRule): FoundDescendant | undefined {
    const made = this.#describe(row, rule);
    const known = this.#found.get(made.id);
    const parents = row.parents.filter((parent) => parent !== made.id);
    const descendant = known ?? made;
    const event = toEventView(row);
    for (const parent of parents) {
      const isKnown = descendant.edges.some(
        (edge) =>
          edge.parent === parent && edge.event.fileId === event.fileId && edge.event.line === event.line,
      );
      if (!isKnown) descendant.edges.push({ parent, event });
    }
    if (descendant.edges.length === 0) return undefined;
    const generations = parents.map((parent) => (this.#found.get(parent)?.generation ?? 0) + 1);
    descendant.generation = Math.min(...generations, known?.generation ?? Number.POSITIVE_INFINITY);
    if (event.at < descendant.madeAt) descendant.madeAt = event.at;
    this.#found.set(descendant.id, descendant);
    return descendant;
  }

  #describe(row: MakingRow, rule: CompiledRule): FoundDescendant {
    const first = (columns: readonly TextColumn[]) =>
      columns.map((column) => row[column]).find((value) => value !== '') ?? '';
    const [name, ref, owner] = [first(rule.name), first(rule.ref), first(rule.owner)];
    const shown = name || row.process_cmd_line || row.message || row.code;
    const key = ref || `${shown}\0${owner}`;
    const place = [realmOf(row.source), scopeOf(key, row.source, row.host) === '' ? '' : row.host];
    const mark = sha256Hex(JSON.stringify([this.#incidentId, rule.kind, ...place, key.toLowerCase()]));
    return {
      id: `dsc_${mark.slice(0, 16)}`,
      source: row.source,
      host: row.host,
      kind: rule.kind,
      name: shown.slice(0, limits.huntMessageCharsMax),
      ref,
      owner,
      acts: rule.actsAs.some((column) => row[column] !== ''),
      class: rule.class ?? null,
      technique: rule.technique,
      madeAt: new Date(row.at),
      generation: 1,
      edges: [],
    };
  }

  #aliasesOf(row: MakingRow, rule: CompiledRule, descendant: FoundDescendant): Alias[] {
    const values = new Set(
      rule.actsAs.map((column) => row[column].toLowerCase()).filter((value) => value !== ''),
    );
    return [...values].flatMap((value): Alias[] => {
      const scope = scopeOf(value, row.source, row.host);
      const key = JSON.stringify([scope, value, descendant.id]);
      if ((this.#followed.get(key) ?? Number.POSITIVE_INFINITY) <= row.at) return [];
      this.#followed.set(key, row.at);
      return [{ value, scope, since: row.at, until: this.#to, parent: descendant.id }];
    });
  }
}
