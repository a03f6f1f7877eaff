/** What was planned, who approved it, and how it went: one group of facts a campaign. */
import { count, plural } from '../../../kernel/text.ts';
import type { LedgerEntry } from '../../evidence/index.ts';
import {
  getCampaign,
  listCampaignIds,
  listTroubled,
  type Plan,
  type Progress,
  readProgress,
} from '../../rotation/index.ts';
import { fact, join, moment, row, table } from '../make.ts';
import { counted, listEntries, type Source } from '../source.ts';
import { countWaves } from '../store.ts';
import type { Block, Section } from '../types.ts';

export async function campaigns(source: Source): Promise<Section> {
  const ids = await listCampaignIds(source.tx, source.incident.id);
  const blocks: Block[] = [];
  for (const id of ids) blocks.push(...(await campaign(source, id)));
  if (ids.length === 0)
    blocks.push(
      fact({
        id: 'campaigns',
        statement: 'No rotation was planned.',
        basis: 'No entry rotation.planned for this incident in the ledger.',
      }),
    );
  return { id: 'campaigns', title: 'Rotation campaigns', blocks };
}

async function campaign(source: Source, id: string): Promise<Block[]> {
  const { tx } = source;
  const { plan, status, statusReason } = await getCampaign(tx, id);
  const progress = await readProgress(tx, id);
  const entries = await listEntries(source, acts, { subject: id });
  const of = (...kinds: string[]) => entries.filter((entry) => kinds.includes(entry.kind));
  return [
    planned(plan, of('rotation.planned')),
    ...approvals(plan, of('rotation.approved')),
    ...of('rotation.started', 'rotation.retried', 'rotation.pause', 'rotation.cancel').map((entry, index) =>
      told(id, entry, index),
    ),
    outcome(progress, status, statusReason, of('rotation.planned', 'rotation.ended')),
    await waves(source, plan, of('rotation.planned')),
    systems(plan, of('rotation.planned')),
    ...(await troubled(source, progress, of('rotation.ended'))),
  ];
}

const acts = [
  'rotation.planned',
  'rotation.approved',
  'rotation.started',
  'rotation.retried',
  'rotation.pause',
  'rotation.cancel',
  'rotation.ended',
];

const seqs = (entries: LedgerEntry[]): number[] => entries.map((entry) => entry.seq);

function planned(plan: Plan, entries: LedgerEntry[]): Block {
  const { listed, total } = plan.unplannable;
  const left =
    total === 0
      ? ''
      : ` ${plural(total, 'outstanding credential')} could not be planned; the first: ${listed[0]?.ref ?? 'not known'}: ${listed[0]?.reason ?? 'not known'}.`;
  return fact({
    id: `${plan.id}-planned`,
    statement: `${plan.createdBy} planned campaign ${plan.id}: ${plural(plan.members, 'credential')} of ${plural(plan.systems.length, 'system')} in ${plural(plan.waves.length, 'wave')}, to stop when more than ${Number((plan.failureRateMax * 100).toFixed(1))}% of a wave fail.${left}`,
    at: plan.createdAt,
    citations: seqs(entries),
    basis: entries.length === 0 ? 'The plan as stored; the ledger does not record it.' : undefined,
    values: { members: plan.members, waves: plan.waves.length, unplannable: total },
  });
}

function approvals(plan: Plan, entries: LedgerEntry[]): Block[] {
  if (entries.length === 0)
    return [
      fact({
        id: `${plan.id}-approved`,
        statement: `Nobody has approved plan ${plan.id}; it needs ${plural(plan.approvals, 'approval')}.`,
        basis: `No entry rotation.approved for ${plan.id} in the ledger.`,
      }),
    ];
  return entries.map((entry, index) =>
    fact({
      id: `${plan.id}-approved-${index + 1}`,
      statement: `${entry.actor} approved plan ${plan.id} (${index + 1} of ${plan.approvals} needed).`,
      at: entry.at,
      citations: [entry.seq],
    }),
  );
}

const verbs: Record<string, string> = {
  'rotation.started': 'started campaign',
  'rotation.retried': 'ran again what had failed in campaign',
  'rotation.pause': 'paused campaign',
  'rotation.cancel': 'cancelled campaign',
};

const told = (id: string, entry: LedgerEntry, index: number): Block =>
  fact({
    id: `${id}-act-${index + 1}`,
    statement: `${entry.actor} ${verbs[entry.kind] ?? entry.kind} ${id}.`,
    at: entry.at,
    citations: [entry.seq],
  });

function outcome(progress: Progress, status: string, reason: string | null, entries: LedgerEntry[]): Block {
  const { planId, total, done, failed, indeterminate, cancelled, running, pending } = progress;
  const parts = [
    `${count(done)} done`,
    `${count(failed)} failed`,
    `${count(indeterminate)} indeterminate`,
    `${count(cancelled)} cancelled`,
    `${count(running + pending)} not ended`,
  ];
  const when = progress.startedAt
    ? ` It began at ${moment(progress.startedAt)}${progress.finishedAt ? ` and ended at ${moment(progress.finishedAt)}` : ' and has not ended'}.`
    : ' It has not begun.';
  return fact({
    id: `${planId}-outcome`,
    statement: `Campaign ${planId} is ${status}${reason ? ` (${reason})` : ''}: of ${plural(total, 'credential')}, ${join(parts)}.${when}`,
    citations: seqs(entries),
    basis: counted,
    values: { total, done, failed, indeterminate, cancelled, notEnded: running + pending },
  });
}

async function waves(source: Source, plan: Plan, entries: LedgerEntry[]): Promise<Block> {
  const counts = await countWaves(source.tx, plan.id);
  const rows = plan.waves.slice(0, 200).map(({ wave, members, canary }) => {
    const by = (...statuses: string[]) =>
      counts
        .filter((one) => one.wave === wave && statuses.includes(one.status))
        .reduce((sum, one) => sum + one.members, 0);
    const cells = {
      wave: canary ? `${wave} (canary)` : String(wave),
      members,
      done: by('done'),
      failed: by('failed'),
      indeterminate: by('indeterminate'),
      cancelled: by('cancelled'),
      open: by('pending', 'running'),
    };
    return row(cells, seqs(entries));
  });
  const columns = [
    ['wave', 'Wave', 'text'],
    ['members', 'Credentials', 'number'],
    ['done', 'Done', 'number'],
    ['failed', 'Failed', 'number'],
    ['indeterminate', 'Indeterminate', 'number'],
    ['cancelled', 'Cancelled', 'number'],
    ['open', 'Not ended', 'number'],
  ] as const;
  const note =
    plan.waves.length > rows.length
      ? `The first ${count(rows.length)} of ${count(plan.waves.length)} waves.`
      : undefined;
  return table({ id: `${plan.id}-waves`, title: `Waves of ${plan.id}`, columns, rows, note });
}

function systems(plan: Plan, entries: LedgerEntry[]): Block {
  const rows = plan.systems.map((one) =>
    row(
      {
        system: one.system,
        connector: one.connector,
        members: one.members,
        concurrency: one.concurrency,
        rate: one.perSecond === null ? 'no limit' : `${one.perSecond} a second`,
        tries: one.negativeProbes,
      },
      seqs(entries),
    ),
  );
  const columns = [
    ['system', 'System', 'name'],
    ['connector', 'Connector', 'text'],
    ['members', 'Credentials', 'number'],
    ['concurrency', 'At a time', 'number'],
    ['rate', 'Rate', 'text'],
    ['tries', 'Tries of each old secret', 'number'],
  ] as const;
  return table({ id: `${plan.id}-systems`, title: `Systems of ${plan.id}`, columns, rows });
}

const troubledMax = 100;

async function troubled(source: Source, progress: Progress, entries: LedgerEntry[]): Promise<Block[]> {
  const total = progress.failed + progress.indeterminate + progress.cancelled;
  if (total === 0) return [];
  const members = await listTroubled(source.tx, progress.planId, troubledMax);
  const rows = members.map((one) =>
    row(
      { ref: one.ref, status: one.status, stage: one.stage, reason: one.reason ?? one.code },
      seqs(entries).slice(-1),
    ),
  );
  const columns = [
    ['ref', 'Credential', 'name'],
    ['status', 'Status', 'text'],
    ['stage', 'Reached', 'text'],
    ['reason', 'Why', 'text'],
  ] as const;
  const note = total > rows.length ? `The first ${count(rows.length)} of ${count(total)}.` : undefined;
  return [
    table({
      id: `${progress.planId}-troubled`,
      title: `Not done in ${progress.planId}`,
      columns,
      rows,
      note,
    }),
  ];
}
