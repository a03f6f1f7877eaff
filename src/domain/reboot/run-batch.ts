/**
 * Sees to the hosts of one batch, side by side. A host begins only while nothing of its wave has failed and while its
 * role can spare it; one that is under way is always seen to its end.
 */
import pMap from 'p-map';
import { messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import { countHosts } from '../inventory/index.ts';
import { downMax } from './arrange.ts';
import type { RebootKit } from './kit.ts';
import { rebootHost } from './reboot-host.ts';
import { getRebootPlan } from './store.ts';
import { firstFailure, listOpenMembers, takeDown } from './store-members.ts';
import type { RebootMember } from './types.ts';

export interface RebootBatch {
  planId: string;
  wave: number;
  batch: number;
}

const log = logger('reboot');
const waitMs = 500;

export async function runBatch(kit: RebootKit, { planId, wave, batch }: RebootBatch): Promise<void> {
  const { context } = kit;
  const { incidentId } = await getRebootPlan(context.db, planId);
  const members = await listOpenMembers(context.db, planId, batch);
  const sizes = new Map<string, number>();
  for (const { role, hosts } of await countHosts(context.db)) sizes.set(role, (sizes.get(role) ?? 0) + hosts);
  await pMap(
    members,
    async (member) => {
      if (!isUnderWay(member) && !(await mayBegin(kit, planId, wave))) return;
      const max = downMax(kit.policy, member.role, sizes.get(member.role) ?? 1);
      try {
        await rebootHost({ kit, incidentId, member, takeDown: (one) => spare(kit, one, max) });
      } catch (error) {
        log.warn({ error, planId, host: member.host }, 'a host was broken off; it stays in line');
        throw new Error(`${member.host}: ${messageOf(error)}`, { cause: error });
      }
    },
    { concurrency: limits.rebootBatchHosts, stopOnError: false },
  );
}

const isUnderWay = ({ stage, status }: RebootMember): boolean =>
  status === 'running' || stage === 'requested';

async function mayBegin({ context }: RebootKit, planId: string, wave: number): Promise<boolean> {
  const { control } = await getRebootPlan(context.db, planId);
  return control === 'run' && (await firstFailure(context.db, planId, wave)) === undefined;
}

/** Waits while others of the role are being restarted. False when waiting would not help, or nothing may begin. */
async function spare(kit: RebootKit, member: RebootMember, max: number): Promise<boolean> {
  const { db, clock } = kit.context;
  // Taken down before a crash: it still counts.
  if (member.status === 'running' && member.down) return true;
  for (;;) {
    if (!(await mayBegin(kit, member.planId, member.wave))) return false;
    const taken = await takeDown(db, member, max, clock.now());
    if (taken !== 'full') return taken === 'taken';
    await clock.sleep(waitMs);
  }
}
