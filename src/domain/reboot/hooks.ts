/** Drain, post and reimage hooks: sh of the policy, on the host itself or on another one of the inventory. */
import { limits } from '../../kernel/limits.ts';
import { printable } from '../../kernel/text.ts';
import { listHosts, type RebootHook } from '../inventory/index.ts';
import type { RebootKit } from './kit.ts';
import { describeAway, quote, runOn, sshHostOf } from './probe.ts';
import type { RebootMember, RebootTarget } from './types.ts';

/** Nothing when it ended with 0; else why not. The hook learns of the host by FB_HOST, FB_ADDRESS, FB_ROLE, FB_ACTION. */
export async function runHook(
  kit: RebootKit,
  name: string,
  hook: RebootHook,
  member: RebootMember,
): Promise<string | undefined> {
  const place = await placeOf(kit, hook, member);
  if (!place) return `the ${name} hook is to run on ${hook.on}, which is not in the inventory`;
  const values = {
    FB_HOST: member.host,
    FB_ADDRESS: member.target.address,
    FB_ROLE: member.role,
    FB_ACTION: member.action,
  };
  const exports = Object.entries(values).map(([key, value]) => `export ${key}=${quote(value)}`);
  const script = `${exports.join('\n')}\n${hook.script}`;
  const host = sshHostOf(place.host, place.target);
  const { outcome, output, errors } = await runOn(await kit.fleet(), host, script, limits.rebootHookMsMax);
  if (outcome.state === 'answered' && outcome.exitCode === 0) return undefined;
  const where = place.host === member.host ? '' : ` on ${place.host}`;
  if (outcome.state !== 'answered') return `the ${name} hook${where}: ${describeAway(outcome).why}`;
  const last = [errors, output]
    .map((text) => text.trim().split('\n').at(-1) ?? '')
    .find((line) => line !== '');
  const end = outcome.exitCode === null ? `signal ${outcome.signal}` : `exit code ${outcome.exitCode}`;
  return `the ${name} hook${where} ended with ${end}${last ? `: ${printable(last, 300)}` : ''}`;
}

async function placeOf(
  { context }: RebootKit,
  hook: RebootHook,
  member: RebootMember,
): Promise<{ host: string; target: RebootTarget } | undefined> {
  if (hook.on === '' || hook.on === member.host) return member;
  const found = (await listHosts(context.db, { hosts: [hook.on], limit: 2 })).find(
    ({ name }) => name === hook.on,
  );
  if (!found) return undefined;
  const { name, address, port, login, jump } = found;
  return { host: name, target: { address, port, login, jump } };
}
