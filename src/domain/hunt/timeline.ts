/**
 * `hunt timeline`: what was found, made and read, when he came and went, and what we did, in one order. It streams:
 * however long it is, no more of it is held than a page of each sequence.
 */
import { limits } from '../../kernel/limits.ts';
import { accessEvents } from './access/find.ts';
import { accessRules } from './access/rules.ts';
import type { Attacker } from './access/types.ts';
import { type Alias, aliasParameters } from './aliases.ts';
import { aliasesOfAttacker } from './attacker.ts';
import { checkPeriod } from './coverage.ts';
import { listDescendants } from './descendants/store.ts';
import { type EventRow, toEventView } from './event-sql.ts';
import { listFindings } from './store.ts';
import { joinSame, mergeByTime } from './timeline/merge.ts';
import { render } from './timeline/render.ts';
import { findSessions, sessionEntries } from './timeline/sessions.ts';
import { entryOf, type TimelineEntry, type TimelineFormat } from './timeline/types.ts';
import type { HuntContext, Period } from './types.ts';

export interface TimelineInput {
  incidentId: string;
  attacker: Attacker;
  /** Of findings, sessions, accesses and what was made; our own acts come whole. */
  period: Period;
}

/** Text in the format that is asked for, piece by piece. */
export async function* renderTimeline(
  context: HuntContext,
  input: TimelineInput,
  format: TimelineFormat,
): AsyncGenerator<string> {
  yield* render(timelineOf(context, input), format);
}

/** Entries by time. */
export async function* timelineOf(context: HuntContext, input: TimelineInput): AsyncGenerator<TimelineEntry> {
  const { incidentId, period } = input;
  checkPeriod(period);
  const { aliases } = await aliasesOfAttacker(context, incidentId, input.attacker, period);
  const sessions = await findSessions(await context.lake(), aliases, period);
  const sequences = [
    findings(context, incidentId, period),
    made(context, incidentId, period),
    accesses(context, aliases, period),
    inOrder(sessionEntries(sessions)),
    acts(context, incidentId),
  ];
  yield* joinSame(mergeByTime(sequences));
}

async function* findings(context: HuntContext, incidentId: string, period: Period) {
  let after: string | undefined;
  for (;;) {
    const filter = { incidentId, limit: limits.timelinePageRows, ...(after === undefined ? {} : { after }) };
    const page = await listFindings(context.db, filter);
    for (const { event, title, ruleKind, severity, techniques } of page)
      if (event.at >= period.from && event.at <= period.to) {
        const what = ruleKind === 'indicator' ? `indicator seen: ${title}` : title;
        yield entryOf('finding', event, withMessage(what, event.message), { severity, techniques });
      }
    after = page.at(-1)?.id;
    if (after === undefined || page.length < limits.timelinePageRows) return;
  }
}

/** One entry for each event that shows that something was made; sorted here, since a thing may be made twice. */
async function* made(context: HuntContext, incidentId: string, period: Period) {
  const entries: TimelineEntry[] = [];
  let after: string | undefined;
  for (;;) {
    const filter = { incidentId, limit: limits.timelinePageRows, ...(after === undefined ? {} : { after }) };
    const page = await listDescendants(context.db, filter);
    for (const { kind, name, owner, technique, edges } of page) {
      const what = `made: ${kind} ${name}${owner === '' || owner === name ? '' : ` (${owner})`}`;
      const events = new Map(edges.map(({ event }) => [`${event.fileId}:${event.line}`, event]));
      for (const event of events.values())
        if (event.at >= period.from && event.at <= period.to)
          entries.push(entryOf('descendant', event, what, { techniques: [technique] }));
    }
    after = page.at(-1)?.id;
    if (after === undefined || page.length < limits.timelinePageRows) break;
  }
  yield* inOrder(entries.sort((a, b) => a.at.getTime() - b.at.getTime()));
}

type AccessRow = EventRow & {
  access_rule: number;
  access_key: string;
  access_title: string;
  answered: number;
};

/** ATT&CK: data from information repositories, by what is read; collection and exfiltration by how. */
const techniqueOf: Record<string, string> = {
  ticket: 'T1213',
  page: 'T1213.001',
  search: 'T1213',
  repository: 'T1213.003',
  secret: 'T1552',
  object: 'T1530',
  statement: 'T1213.006',
  'cloud service': 'T1526',
};

async function* accesses(context: HuntContext, aliases: readonly Alias[], period: Period) {
  if (aliases.length === 0) return;
  const inner = accessEvents(period);
  const lake = await context.lake();
  // A copy of a log has the same records: of those that are equal, one is enough.
  const sql = `SELECT * EXCEPT (raw_hash) FROM (${inner.sql}) ORDER BY at, fileId, line
    LIMIT 1 BY source, host, at, access_rule, access_key, actor, address, raw_hash, if(raw_hash = cityHash64(''), concat(fileId, ':', toString(line)), '')`;
  const rows = lake.stream<AccessRow>(sql, { ...aliasParameters(aliases), ...inner.parameters });
  for await (const row of rows) {
    const rule = accessRules[row.access_rule];
    if (!rule) continue;
    const title =
      row.access_title === '' || row.access_title === row.access_key ? '' : `: ${row.access_title}`;
    const what = `${row.answered ? rule.act : `refused (${rule.act})`} ${rule.type} ${row.access_key}${title}`;
    const technique =
      rule.act === 'archived' || rule.act === 'cloned' ? 'T1213.003' : (techniqueOf[rule.type] ?? '');
    yield entryOf('access', toEventView(row), what, { techniques: [technique] });
  }
}

async function* acts(context: HuntContext, incidentId: string): AsyncGenerator<TimelineEntry> {
  let after: number | undefined;
  for (;;) {
    const limit = Math.min(limits.timelinePageRows, limits.apiPageRowsMax);
    const page = await context.ledger.list({ incidentId, limit, ...(after === undefined ? {} : { after }) });
    for (const { seq, at, kind, actor, subject } of page) {
      const when = new Date(at);
      yield {
        at: when,
        timeText: when.toISOString(),
        kinds: ['act'],
        what: `${kind} ${subject}`,
        who: actor,
        address: '',
        code: kind,
        severity: null,
        techniques: [],
        citation: { ledgerSeq: seq },
      };
    }
    after = page.at(-1)?.seq;
    if (after === undefined || page.length < limit) return;
  }
}

async function* inOrder(entries: Iterable<TimelineEntry>): AsyncGenerator<TimelineEntry> {
  yield* entries;
}

const withMessage = (what: string, message: string): string =>
  message === '' ? what : `${what}: ${message}`;
