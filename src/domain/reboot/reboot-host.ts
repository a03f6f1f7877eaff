/**
 * Takes one host through its restart. Everything that matters is in its row before the next thing is done, and every
 * step looks first at who the host is now; so it may be killed anywhere and begun again, and a host whose boot
 * identity has changed since it was recorded is never asked to restart.
 */
import { limits } from '../../kernel/limits.ts';
import type { RunOutcome } from '../../ssh/index.ts';
import { type Entry, signAttestation } from '../evidence/index.ts';
import { runHook } from './hooks.ts';
import type { RebootKit } from './kit.ts';
import { describeAway, identified, identify, type Probe, requestScript, runOn, sshHostOf } from './probe.ts';
import { rebootStatement } from './proof.ts';
import { rebootPlans } from './store.ts';
import { type Move, moveMember } from './store-members.ts';
import type { BootIdentity, RebootMember } from './types.ts';

export interface HostRun {
  kit: RebootKit;
  incidentId: string;
  member: RebootMember;
  /** Waits until the role can spare this host. False when it may not go down in this wave. */
  takeDown(member: RebootMember): Promise<boolean>;
}

/** Ends with a verdict in the member's row, or leaves it in line when its role can't spare it. */
export async function rebootHost(run: HostRun): Promise<void> {
  const { kit, member } = run;
  const found = await look(run);
  if ('away' in found) {
    if (member.stage === 'requested') await awaitReturn(run);
    else await notThere(run, found.away);
    return;
  }
  const { identity } = found;
  if (member.before === null) {
    member.before = identity;
    member.stage = 'identified';
    await moveMember(
      kit.context.db,
      member,
      { before: identity, stage: 'identified' },
      kit.context.clock.now(),
    );
    kit.faults.check('after', 'reboot.identified');
  }
  if (identity.bootId !== identified(member.before).bootId) await isBack(run, identity);
  else if (identity.sharesBootId) await isContainer(run, identity);
  else await restart(run);
}

const look = async ({ kit, member }: HostRun): Promise<Probe> =>
  identify(await kit.fleet(), sshHostOf(member.host, member.target), () => kit.context.clock.now());

/** It was not touched in this run, and it does not say who it is. */
async function notThere(run: HostRun, away: RunOutcome): Promise<void> {
  const { code, why } = describeAway(away);
  // One that refuses our key is up; one that does not answer, or runs nothing, counts as down for its role.
  const down = away.state !== 'refused' || away.code === 'shell';
  // One that answered before we drained it is our doing until the opposite is known.
  const status = run.member.down ? 'failed' : 'indeterminate';
  await end(run, { status, down, reasonCode: code, reason: why });
}

async function isContainer(run: HostRun, { container }: BootIdentity): Promise<void> {
  const reason = `it is a container (${container}) that shows the boot identity of the machine it runs on: restart that machine, or except it`;
  await end(run, { status: 'indeterminate', down: false, reasonCode: 'container', reason });
}

async function restart(run: HostRun): Promise<void> {
  const { kit, member } = run;
  const { clock } = kit.context;
  // The answer to an earlier request was lost: it may be on its way down, and is given time for that.
  const byHand = member.action === 'reimage' && !kit.policy.roles[member.role]?.reimage;
  const asked = member.stage === 'requested' && !byHand ? member.requestedAt?.getTime() : undefined;
  if (asked !== undefined && clock.now().getTime() < asked + limits.rebootGraceMs) {
    const back = await pollUntil(run, asked + limits.rebootGraceMs);
    if (back.identity) return isBack(run, back.identity);
    if (back.away) return awaitReturn(run);
  }
  if (!(await run.takeDown(member))) return;
  member.down = true;
  if (member.stage === 'identified' && !(await drain(run))) return;
  if (member.action === 'reimage') return reimage(run);
  if (await request(run)) await awaitReturn(run);
}

async function drain(run: HostRun): Promise<boolean> {
  const { kit, member } = run;
  const hook = kit.policy.roles[member.role]?.drain;
  if (hook) {
    await kit.context.ledger.append([entry(run, 'reboot.drain.intended', { on: hook.on || member.host })]);
    const fault = await runHook(kit, 'drain', hook, member);
    if (fault) {
      await end(run, { status: 'failed', down: false, reasonCode: 'drain-failed', reason: fault });
      return false;
    }
  }
  member.stage = 'drained';
  await moveMember(kit.context.db, member, { stage: 'drained' }, kit.context.clock.now());
  kit.faults.check('after', 'reboot.drained');
  return true;
}

/**
 * Law 5: the intent, with the identity that is to change, stands in the ledger before the host is asked. False when
 * the plan has been paused or cancelled: no first request stands in the ledger after that, and the host is in line again.
 */
async function announce(run: HostRun, how: string): Promise<boolean> {
  const { kit, member } = run;
  const { db, ledger, clock } = kit.context;
  const [requestedAt, requests] = [clock.now(), member.requests + 1];
  const admitted = await db.transaction().execute(async (tx) => {
    // A pause or a cancellation that comes now waits until the request is written.
    const held = requests === 1 && (await rebootPlans.readControl(tx, member.planId, true)).control !== 'run';
    if (held) {
      await moveMember(tx, member, inLineAgain(run), requestedAt);
      return false;
    }
    await moveMember(tx, member, { stage: 'requested', requestedAt, requests }, requestedAt);
    const data = { action: member.action, bootId: identified(member.before).bootId, request: requests, how };
    await ledger.appendWithin(tx, [entry(run, 'reboot.intended', data)]);
    return true;
  });
  if (!admitted) return false;
  Object.assign(member, { requestedAt, requests, stage: 'requested' } satisfies Partial<RebootMember>);
  kit.faults.check('after', 'reboot.intent');
  return true;
}

/** One that its hook has drained is out of service, and counts as down for its role. */
function inLineAgain({ kit, member }: HostRun): Move {
  if (!kit.policy.roles[member.role]?.drain) return { status: 'pending', stage: 'identified', down: false };
  return { status: 'pending', stage: 'drained', down: true };
}

/** Asks the host to restart. True when it was asked, and may have heard it. */
async function request(run: HostRun): Promise<boolean> {
  const { kit, member } = run;
  if (!(await announce(run, kit.policy.command))) return false;
  const script = requestScript(identified(member.before).bootId, kit.policy.command);
  const host = sshHostOf(member.host, member.target);
  const { outcome } = await runOn(await kit.fleet(), host, script, limits.rebootProbeMsMax);
  kit.faults.check('after', 'reboot.request');
  if (outcome.state === 'answered' || outcome.state === 'broken') return true;
  const { code, why } = describeAway(outcome);
  const down = outcome.state === 'unreachable';
  await end(run, { status: down ? 'failed' : 'indeterminate', down, reasonCode: code, reason: why });
  return false;
}

/** By the hook of its role; without one a person does it, and a retry proves it. */
async function reimage(run: HostRun): Promise<void> {
  const { kit, member } = run;
  const hook = kit.policy.roles[member.role]?.reimage;
  if (!hook) {
    if (!(await announce(run, 'by hand'))) return;
    const reason = `install ${member.host} anew by hand, then: firebreak reboot retry ${member.planId}`;
    await end(run, { status: 'indeterminate', down: false, reasonCode: 'reimage-by-hand', reason });
    return;
  }
  if (!(await announce(run, `hook on ${hook.on || member.host}`))) return;
  const fault = await runHook(kit, 'reimage', hook, member);
  // A host that installs itself anew may cut the connection under its own hook.
  if (fault && hook.on !== '')
    await end(run, { status: 'failed', down: true, reasonCode: 'reimage-failed', reason: fault });
  else await awaitReturn(run);
}

interface Polled {
  /** Another boot than the recorded one. */
  identity?: BootIdentity;
  /** The last answer, when it was none. */
  away?: RunOutcome;
}

/** Looks again and again until the host shows another boot identity, a key that is not its own, or the time is up. */
async function pollUntil(run: HostRun, untilMs: number): Promise<Polled> {
  const { kit, member } = run;
  const { clock } = kit.context;
  for (;;) {
    const found = await look(run);
    if ('identity' in found && found.identity.bootId !== identified(member.before).bootId)
      return { identity: found.identity };
    const away = 'away' in found ? found.away : undefined;
    const strange = away?.state === 'refused' && away.code === 'host-key-changed';
    if (strange || clock.now().getTime() + limits.rebootPollMs >= untilMs) return away ? { away } : {};
    await clock.sleep(limits.rebootPollMs);
  }
}

async function awaitReturn(run: HostRun): Promise<void> {
  const { kit, member } = run;
  const nowMs = kit.context.clock.now().getTime();
  const minutes = kit.policy.minutesMax;
  const untilMs = Math.max(
    (member.requestedAt?.getTime() ?? nowMs) + minutes * 60_000,
    nowMs + Math.min(limits.rebootGraceMs / 2, minutes * 60_000),
  );
  const { identity, away } = await pollUntil(run, untilMs);
  if (identity) return isBack(run, identity);
  if (!away) {
    const reason = `it still runs the boot that was to end (${identified(member.before).bootId}), ${minutes} minutes after it was asked to restart`;
    return end(run, { status: 'failed', down: false, reasonCode: 'not-rebooted', reason });
  }
  const { code, why } = describeAway(away);
  if (away.state === 'refused' && away.code === 'host-key-changed') {
    // A new installation has new keys; somebody must say that they are the right ones.
    const status = member.action === 'reimage' ? 'indeterminate' : 'failed';
    return end(run, {
      status,
      down: false,
      reasonCode: 'host-key-changed',
      reason: `it came back with another key: ${why}`,
    });
  }
  const reason = `it did not come back within ${minutes} minutes (${code}: ${why})`;
  return end(run, { status: 'failed', down: true, reasonCode: 'did-not-return', reason });
}

/** It runs another boot than the recorded one. */
async function isBack(run: HostRun, identity: BootIdentity): Promise<void> {
  const { kit, member } = run;
  member.after = identity;
  member.stage = 'back';
  await moveMember(kit.context.db, member, { stage: 'back', after: identity }, kit.context.clock.now());
  kit.faults.check('after', 'reboot.back');
  if (member.action === 'reimage' && identity.machineId === identified(member.before).machineId) {
    const reason = `it restarted, but its machine-id is still ${identity.machineId || '(none)'}: it was not installed anew`;
    await end(run, { status: 'failed', down: false, reasonCode: 'not-reimaged', reason });
    return;
  }
  const hook = kit.policy.roles[member.role]?.post;
  if (hook) {
    await kit.context.ledger.append([entry(run, 'reboot.post.intended', { on: hook.on || member.host })]);
    const fault = await runHook(kit, 'post', hook, member);
    // It is up, but does not do its work: its role can't spare another.
    if (fault) return end(run, { status: 'failed', down: true, reasonCode: 'post-failed', reason: fault });
  }
  await prove(run, identity);
}

/** The proof and the end of the member, in one transaction. */
async function prove(run: HostRun, after: BootIdentity): Promise<void> {
  const { kit, member } = run;
  const { db, ledger, clock, signer } = kit.context;
  const before = identified(member.before);
  const statement = rebootStatement({ member, before, after, requestedAt: member.requestedAt });
  const proof = entry(run, 'reboot.proof', { dsse: signAttestation(signer, statement) });
  await db.transaction().execute(async (tx) => {
    const [proofSeq = 0] = await ledger.appendWithin(tx, [proof]);
    const move: Move = {
      stage: 'proven',
      status: 'done',
      down: false,
      reasonCode: null,
      reason: null,
      proofSeq,
    };
    await moveMember(tx, member, move, clock.now());
  });
  kit.faults.check('after', 'reboot.proven');
}

/** A verdict that is not done: in the row and in the ledger together. */
async function end(
  run: HostRun,
  move: Required<Pick<Move, 'status' | 'down' | 'reasonCode' | 'reason'>>,
): Promise<void> {
  const { db, ledger, clock } = run.kit.context;
  const data = { outcome: move.status, stage: run.member.stage, code: move.reasonCode, reason: move.reason };
  await db.transaction().execute(async (tx) => {
    await moveMember(tx, run.member, move, clock.now());
    await ledger.appendWithin(tx, [entry(run, 'reboot.recorded', data)]);
  });
}

function entry({ kit, incidentId, member }: HostRun, kind: string, data: object): Entry {
  const { planId, host, role, wave } = member;
  return {
    kind,
    actor: kit.context.actor,
    incidentId,
    subject: planId,
    data: { host, role, wave, ...data },
  };
}
