/**
 * Takes a batch through the stages. What a stage is about to do is in the ledger before it is done; what came
 * back is written together with the members' moves and with what comes next, in one transaction. Killed anywhere,
 * the batch is run again from its rows: stages bear repeating.
 */
import pMap from 'p-map';
import { messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import { type Entry, signAttestation } from '../evidence/index.ts';
import type { Kit, Work } from './kit.ts';
import { modeOf, targetOf } from './mode.ts';
import { createPacer } from './pacer.ts';
import { lastStage, nextStage, stageDefinitions } from './stages/index.ts';
import type { StageDefinition, StageResult } from './stages/stage.ts';
import { readControl } from './store.ts';
import {
  countWave,
  isUnderWay,
  listMembers,
  type Member,
  type Move,
  moveMembers,
  recordProofs,
} from './store-members.ts';

export interface Batch {
  campaignId: string;
  wave: number;
  batch: number;
  system: string;
}

const log = logger('rotation');

/** One run over a batch: who asked for it, and what has been announced so far. */
interface Run {
  kit: Kit;
  batch: Batch;
  incidentId: string;
  /** `stage/ordinal` of what the ledger has announced in this run. */
  announced: Set<string>;
}

/**
 * Ends when every member ended. A campaign that was told to pause or to stop, and a wave that fails too often,
 * do not begin another batch; one that is under way is finished, for a replacement in force and not delivered
 * is worse than either end.
 */
export async function runBatch(kit: Kit, batch: Batch): Promise<void> {
  const { db } = kit.context;
  const { control, incidentId } = await readControl(db, batch.campaignId);
  const mayBegin = control === 'run' && !(await isFailing(kit, batch));
  if (!mayBegin && !(await isUnderWay(db, batch))) return;
  const run: Run = { kit, batch, incidentId, announced: new Set() };
  for (const stage of stageDefinitions) {
    const members = await listMembers(db, batch.campaignId, batch.wave, batch.batch, stage.from);
    if (members.length > 0) await runStage(run, stage, members);
  }
}

/** Whether the wave has failed so often already that going on would only do more harm. */
async function isFailing(kit: Kit, batch: Batch): Promise<boolean> {
  const { ended, bad, failureRateMax } = await countWave(kit.context.db, batch.campaignId, batch.wave);
  return ended >= limits.rotationBatchCredentials && bad > ended * failureRateMax;
}

async function runStage(run: Run, stage: StageDefinition, members: Member[]): Promise<void> {
  const { kit } = run;
  kit.faults.check('before', `rotation.${stage.name}`);
  const needing = members.filter((member) => stage.needs.includes(modeOf(kit.systems, member)));
  const results = new Map<number, StageResult>(members.map((member) => [member.ordinal, { ok: true }]));
  if (needing.length > 0) {
    const unannounced = needing.filter((member) => !run.announced.has(`${stage.name}/${member.ordinal}`));
    if (unannounced.length > 0) await kit.context.ledger.append(announce(run, stage, unannounced));
    kit.faults.check('after', `rotation.${stage.name}.intent`);
    const startedMs = kit.context.clock.monotonicMs();
    for (const [ordinal, result] of await actOn(run, stage, needing)) results.set(ordinal, result);
    const tookMs = Math.round(kit.context.clock.monotonicMs() - startedMs);
    log.debug(
      {
        campaign: run.batch.campaignId,
        batch: run.batch.batch,
        stage: stage.name,
        members: needing.length,
        tookMs,
      },
      'stage done',
    );
    kit.faults.check('after', `rotation.${stage.name}.effect`);
  }
  await recordStage(run, stage, { members, needing, results });
  kit.faults.check('after', `rotation.${stage.name}`);
}

/** Law 5: written before it is done. One entry, or more where the names are very long. */
function announce(run: Run, stage: StageDefinition, members: Member[]): Entry[] {
  const { kit } = run;
  for (const member of members) run.announced.add(`${stage.name}/${member.ordinal}`);
  return splitToFit(members, (member) => 2 * member.ref.length).map((some) => {
    const extra =
      stage.announce?.(
        some.map((member) => toWork(kit, member) as Work),
        kit,
      ) ?? {};
    return entryOf(run, `rotation.${stage.name}.intended`, {
      members: some.map((member) => member.ref),
      ...extra,
    });
  });
}

function entryOf({ kit, batch, incidentId }: Run, kind: string, data: object): Entry {
  const { wave, batch: number, system } = batch;
  return {
    kind,
    actor: kit.context.actor,
    incidentId,
    subject: batch.campaignId,
    data: { wave, batch: number, system, ...data },
  };
}

/** Lists whose members' sizes stay well below what one ledger entry may hold. */
function splitToFit<T>(items: T[], sizeOf: (item: T) => number): T[][] {
  const lists: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = 4 * sizeOf(item) + 16;
    if (lists.length === 0 || size > room) {
      lists.push([]);
      room = limits.ledgerEntryBytesMax - 4_096;
    }
    lists.at(-1)?.push(item);
    room -= size;
  }
  return lists;
}

/** A member with what is known of it before its system is opened. */
function toWork(kit: Kit, member: Member): Omit<Work, 'session'> {
  const target = targetOf(member);
  return { member, mode: modeOf(kit.systems, member), target, principal: member.principal ?? target.name };
}

async function actOn(
  { kit, batch }: Run,
  stage: StageDefinition,
  members: Member[],
): Promise<[number, StageResult][]> {
  const opened = await kit.systems.open(batch.system).then(
    (session) => ({ session }),
    (error: unknown) => ({ reason: messageOf(error) }),
  );
  if (!('session' in opened)) {
    const away: StageResult = {
      ok: false,
      status: 'indeterminate',
      code: 'unreachable',
      reason: opened.reason,
    };
    return members.map((member) => [member.ordinal, away]);
  }
  const works = members.map((member) => ({ ...toWork(kit, member), session: opened.session }));
  if (stage.actTogether) {
    const results = await stage.actTogether(works, kit);
    return works.map((work, index) => [work.member.ordinal, results[index] ?? unexpected('no result')]);
  }
  const { connector, get } = kit.systems;
  const {
    concurrency = connector(batch.system).quotas.concurrency,
    perSecond = connector(batch.system).quotas.perSecond,
  } = get(batch.system);
  const pace = createPacer(kit.context.clock, perSecond && perSecond / limits.engineSystemBatchesMax);
  const lanes = Math.max(1, Math.floor(concurrency / limits.engineSystemBatchesMax));
  return pMap(works, async (work) => [work.member.ordinal, await pace(() => actSafely(kit, stage, work))], {
    concurrency: lanes,
  });
}

async function actSafely(kit: Kit, stage: StageDefinition, work: Work): Promise<StageResult> {
  try {
    return (await stage.act?.(work, kit)) ?? { ok: true };
  } catch (error) {
    // Connectors return what can be expected; what they throw is unexpected, and never counts as success.
    return unexpected(messageOf(error));
  }
}

const unexpected = (reason: string): StageResult => ({
  ok: false,
  status: 'indeterminate',
  code: 'unknown-error',
  reason,
});

interface Done {
  members: Member[];
  needing: Member[];
  results: ReadonlyMap<number, StageResult>;
}

/** Law 5: written again after, with the moves and with what comes next, or not at all. */
async function recordStage(run: Run, stage: StageDefinition, done: Done): Promise<void> {
  const { batch } = run;
  const { context } = run.kit;
  const at = context.clock.now();
  const moves = done.members.map((member) =>
    toMove(run.kit, stage, member, done.results.get(member.ordinal) ?? { ok: true }),
  );
  const proofs = [...done.results.values()].flatMap((result) =>
    result.ok && result.proof ? [result.proof] : [],
  );
  const attested = proofs.map(
    (proof): Entry => ({
      kind: 'proof',
      actor: context.actor,
      incidentId: run.incidentId,
      subject: `credential:${proof.proven.credentialId}`,
      data: { campaign: batch.campaignId, dsse: signAttestation(context.signer, proof.statement) },
    }),
  );
  const entries = [...attested, ...recorded(run, stage, done), ...announceNext(run, stage, done)];
  await context.db.transaction().execute(async (tx) => {
    await moveMembers(tx, batch.campaignId, moves, at);
    if (entries.length === 0) return;
    const seqs = await context.ledger.appendWithin(tx, entries);
    if (proofs.length === 0) return;
    const proven = proofs.map((proof, index) => ({ ...proof.proven, seq: seqs[index] as number }));
    await recordProofs(tx, batch.campaignId, proven, at);
  });
}

function recorded(run: Run, stage: StageDefinition, { needing, results }: Done): Entry[] {
  const summaries = needing.map((member) => {
    const result = results.get(member.ordinal);
    if (!result || result.ok) return { ref: member.ref, outcome: 'done', ...(result?.note ?? {}) };
    return { ref: member.ref, outcome: result.status, code: result.code, reason: result.reason };
  });
  return splitToFit(summaries, (summary) => JSON.stringify(summary).length).map((some) =>
    entryOf(run, `rotation.${stage.name}.recorded`, { results: some }),
  );
}

/** The intent of what comes next, for those who go on to it: it saves a transaction a stage. */
function announceNext(run: Run, stage: StageDefinition, { members, results }: Done): Entry[] {
  const going = members.filter((member) => results.get(member.ordinal)?.ok);
  return stageDefinitions.flatMap((next) => {
    const some = going.filter((member) => nextStage(stage, modeOf(run.kit.systems, member)) === next);
    return some.length > 0 ? announce(run, next, some) : [];
  });
}

/** A member goes straight to the next stage that it needs. */
function toMove(kit: Kit, stage: StageDefinition, member: Member, result: StageResult): Move {
  const { ordinal } = member;
  if (!result.ok)
    return {
      ...result.fields,
      ordinal,
      status: result.status,
      reasonCode: result.code,
      reason: result.reason,
    };
  const next = nextStage(stage, modeOf(kit.systems, member));
  return { ...result.fields, ordinal, stage: next?.from ?? lastStage, status: next ? 'running' : 'done' };
}
