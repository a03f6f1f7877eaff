/** `fleet.reboot` of firebreak.yaml: how much of each role may be down, hooks, windows, and how long a host may take. */
import { z } from 'zod';
import { limits } from '../../kernel/limits.ts';

const Script = z
  .string()
  .min(1, 'a command')
  .max(limits.rebootHookCharsMax, `at most ${limits.rebootHookCharsMax} characters`);
const whole = (min: number, max: number) =>
  z.int('a whole number').min(min, `at least ${min}`).max(max, `at most ${max}`);
const Moment = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 22:30');
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** sh that runs on the host itself, or on another host of the inventory (a load balancer, say). It may run twice. */
const Hook = z.union([
  Script.transform((script) => ({ script, on: '' })),
  z.strictObject({ script: Script, on: z.string().max(253).default('') }),
]);
export type RebootHook = z.infer<typeof Hook>;

/** When hosts may be restarted, in UTC. One that ends before it begins goes over midnight. */
const Window = z.strictObject({
  days: z
    .array(z.enum(days))
    .min(1, 'a day')
    .default([...days]),
  from: Moment,
  to: Moment,
});
export type RebootWindow = z.infer<typeof Window>;

const Role = z.strictObject({
  /** Share of the role that stays up; at least one host may always be down, unless `keepUpHosts` forbids it. */
  keepUpShare: z.number().min(0, 'at least 0').max(1, 'at most 1').optional(),
  /** A quorum: never fewer hosts up than this. */
  keepUpHosts: whole(0, 100_000).optional(),
  /** Roles whose hosts are all done before the first of this one: replicas before their database. */
  after: z.array(z.string().min(1)).max(100).default([]),
  windows: z.array(Window).max(50).optional(),
  drain: Hook.optional(),
  post: Hook.optional(),
  /** Installs the host anew. Without it a person does, and Firebreak proves it. */
  reimage: Hook.optional(),
});

export const RebootPolicy = z.strictObject({
  command: Script.default('systemctl reboot || reboot'),
  keepUpShare: z.number().min(0, 'at least 0').max(1, 'at most 1').default(0.75),
  /** Hosts of each role in the first wave, and of all roles in each later one. */
  canary: whole(0, 1_000).default(1),
  waveHosts: whole(1, 10_000).default(200),
  /** How long a host may take to come back. */
  minutesMax: whole(1, 24 * 60).default(15),
  windows: z.array(Window).max(50).default([]),
  roles: z.record(z.string(), Role).default({}),
});
export type RebootPolicy = z.infer<typeof RebootPolicy>;
export type RebootRolePolicy = z.infer<typeof Role>;
