/** What the logs show: what was found, what was made, what was read, and what can't be ruled out. */
import { count, plural } from '../../../kernel/text.ts';
import {
  countFindings,
  type Descendant,
  lastAccess,
  listDescendants,
  listRuns,
  type RunView,
} from '../../hunt/index.ts';
import { fact, join, row, table } from '../make.ts';
import { counted, type Source } from '../source.ts';
import type { Block, Section } from '../types.ts';

const rowsMax = 500;

export async function hunt(source: Source): Promise<Section> {
  const runs = await listRuns(source.tx, source.incident.id);
  const blocks: Block[] = [
    ...runBlocks(runs),
    ...(await findingBlocks(source, runs)),
    ...(await descendantBlocks(source, runs)),
    ...accessBlocks(runs),
  ];
  return { id: 'hunt', title: 'What the logs show', blocks };
}

const finished = (runs: readonly RunView[], kind: string): RunView[] =>
  runs.filter((run) => run.kind === kind && run.finishedAt !== null);

const lastSeq = (runs: readonly RunView[], ...kinds: string[]): (number | null)[] =>
  kinds.flatMap((kind) => finished(runs, kind).slice(-1)).map(({ ledgerSeq }) => ledgerSeq);

const kinds: Record<string, string> = {
  ingest: 'Logs read in',
  ioc: 'Looked for indicators',
  sigma: 'Matched rules',
  descendants: 'Followed what was made',
  access: 'Counted what was read',
};

function runBlocks(runs: readonly RunView[]): Block[] {
  if (runs.length === 0)
    return [
      fact({
        id: 'hunt',
        statement: 'No log was looked into.',
        basis: 'No hunt of this incident in the store.',
      }),
    ];
  const open = runs.filter(({ finishedAt }) => finishedAt === null).length;
  const rows = runs.slice(0, rowsMax).map((run) => {
    const full = run.claims.filter(({ verdict }) => verdict === 'full').length;
    const outcome =
      run.failedBecause === null
        ? run.finishedAt === null
          ? 'not finished'
          : 'finished'
        : `failed: ${run.failedBecause}`;
    return row(
      {
        at: run.startedAt,
        what: kinds[run.kind] ?? run.kind,
        by: run.startedBy,
        outcome,
        found: run.kind === 'ioc' || run.kind === 'sigma' ? run.found : null,
        coverage:
          run.claims.length === 0 ? null : `${count(full)} of ${plural(run.claims.length, 'source')} in full`,
      },
      [run.ledgerSeq],
    );
  });
  const columns = [
    ['at', 'At (UTC)', 'time'],
    ['what', 'What was asked', 'text'],
    ['by', 'By', 'text'],
    ['outcome', 'Outcome', 'text'],
    ['found', 'Findings', 'number'],
    ['coverage', 'Coverage of the period', 'text'],
  ] as const;
  return [
    fact({
      id: 'hunt',
      statement: `The logs were looked into ${plural(runs.length, 'time')}${open > 0 ? `; ${count(open)} of them did not finish` : ''}.`,
      citations: runs.map(({ ledgerSeq }) => ledgerSeq).slice(0, rowsMax),
      basis: counted,
      values: { runs: runs.length, unfinished: open },
    }),
    table({ id: 'hunt-runs', title: 'Each time', columns, rows, ...noteOf(runs.length) }),
  ];
}

const noteOf = (total: number) =>
  total > rowsMax ? { note: `The first ${rowsMax} of ${count(total)} are shown.` } : {};

async function findingBlocks(source: Source, runs: readonly RunView[]): Promise<Block[]> {
  const groups = await countFindings(source.tx, source.incident.id);
  const asked = [...finished(runs, 'ioc'), ...finished(runs, 'sigma')];
  if (asked.length === 0) return [];
  const total = groups.reduce((sum, { findings }) => sum + findings, 0);
  const rows = groups.slice(0, rowsMax).map((group) =>
    row(
      {
        title: group.title,
        severity: group.severity,
        findings: group.findings,
        first: group.first,
        last: group.last,
      },
      lastSeq(runs, group.rule.startsWith('ioc:') ? 'ioc' : 'sigma'),
    ),
  );
  const columns = [
    ['title', 'Rule or indicator', 'text'],
    ['severity', 'Level', 'code'],
    ['findings', 'Findings', 'number'],
    ['first', 'First (UTC)', 'time'],
    ['last', 'Last (UTC)', 'time'],
  ] as const;
  return [
    fact({
      id: 'findings',
      statement:
        total === 0
          ? 'No rule and no indicator matched an event of the logs that were read in.'
          : `${plural(groups.length, 'rule or indicator', 'rules and indicators')} matched ${plural(total, 'event')} of the logs.`,
      citations: lastSeq(runs, 'ioc', 'sigma'),
      basis: counted,
      values: { rules: groups.length, findings: total },
    }),
    ...(rows.length > 0
      ? [table({ id: 'findings', title: 'Findings by rule', columns, rows, ...noteOf(groups.length) })]
      : []),
  ];
}

async function descendantBlocks(source: Source, runs: readonly RunView[]): Promise<Block[]> {
  if (finished(runs, 'descendants').length === 0) return [];
  const { total, outstanding, contained, excepted } = source.census.descendants;
  const cite = lastSeq(runs, 'descendants');
  const list = await listDescendants(source.tx, { incidentId: source.incident.id, limit: rowsMax });
  const columns = [
    ['made', 'Made (UTC)', 'time'],
    ['kind', 'What', 'code'],
    ['name', 'Name', 'name'],
    ['by', 'By', 'name'],
    ['state', 'State', 'code'],
    ['reason', 'Why', 'text'],
    ['proof', 'Shown by', 'text'],
  ] as const;
  return [
    fact({
      id: 'descendants',
      statement: `What the attacker made: ${count(total)} in all; ${join([`${count(contained)} contained`, `${count(excepted)} excepted`, `${count(outstanding)} outstanding`])}.`,
      citations: cite,
      basis: counted,
      values: { total, contained, excepted, outstanding },
    }),
    ...(total > 0
      ? [
          table({
            id: 'descendants',
            title: 'Each of them',
            columns,
            rows: list.map((one) => descendantRow(one, list, cite)),
            ...noteOf(total),
          }),
        ]
      : []),
  ];
}

function descendantRow(one: Descendant, all: readonly Descendant[], cite: readonly (number | null)[]) {
  const [edge] = one.edges;
  const parent = all.find(({ id }) => id === edge?.parent)?.name ?? edge?.parent;
  const cells = {
    made: one.madeAt,
    kind: one.kind,
    name: one.owner === '' || one.owner === one.name ? one.name : `${one.name} (${one.owner})`,
    by: parent,
    state: one.state,
    reason: one.reason,
    proof: edge ? proofText(edge.event) : null,
  };
  return row(cells, one.closedSeq === null ? cite : [one.closedSeq]);
}

const proofText = ({ source, fileId, line }: { source: string; fileId: string; line: number }): string =>
  `${source}, line ${line} of the file with SHA-256 ${fileId}`;

const verdicts: Record<string, string> = {
  accessed: 'accessed',
  'no-access-seen': 'reachable, and no access seen with full coverage',
  'cannot-be-ruled-out': 'cannot be ruled out',
};

function accessBlocks(runs: readonly RunView[]): Block[] {
  const last = lastAccess(runs);
  if (!last) return [];
  const { seq, types, classes, doubts } = last;
  const cite = [seq];
  const blocks: Block[] = types.map(({ type, resources, total, byAct, refused }) =>
    fact({
      id: `access-${type.replaceAll(' ', '-')}`,
      statement: `${count(resources)}${total === null ? '' : ` of ${count(total)}`} ${nounOf(type, total ?? resources)} read${describeActs(byAct)}${refused > 0 ? `; ${count(refused)} more ${refused === 1 ? 'was' : 'were'} asked for and refused` : ''}.`,
      citations: cite,
      values: { read: resources, total, refused },
    }),
  );
  if (classes.length > 0)
    blocks.push(
      table({
        id: 'protected-classes',
        title: 'Protected classes of data',
        columns: [
          ['class', 'Class', 'name'],
          ['verdict', 'Verdict', 'text'],
          ['because', 'Because', 'text'],
        ],
        rows: classes.map((one) =>
          row(
            {
              class: one.class,
              verdict: verdicts[one.verdict] ?? one.verdict,
              because: one.because.join('; '),
            },
            cite,
          ),
        ),
      }),
    );
  blocks.push(
    fact({
      id: 'access-coverage',
      statement:
        doubts.length === 0
          ? 'The logs cover the period in full, so what is not listed was not seen.'
          : `The logs do not cover the period in full, so more than is listed can't be ruled out: ${doubts.slice(0, 10).join('; ')}${doubts.length > 10 ? `; and ${count(doubts.length - 10)} more` : ''}.`,
      citations: cite,
      values: { doubts: doubts.length },
    }),
  );
  return blocks;
}

/** `36 of 2,059,357 tickets`, `1 page`. */
function nounOf(type: string, value: number): string {
  if (value === 1) return type;
  if (/(s|x|ch|sh)$/.test(type)) return `${type}es`;
  return type.endsWith('y') ? `${type.slice(0, -1)}ies` : `${type}s`;
}

const describeActs = (byAct: Readonly<Record<string, number>>): string => {
  const parts = Object.entries(byAct).map(([act, number]) => `${count(number)} ${act}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
};
