/** The hunt: what was read, and the timeline. */
import { z } from 'zod';
import { accessActs, timelineFormats } from '../../domain/hunt/nouns.ts';
import { limits } from '../../kernel/limits.ts';
import { ClaimLine, EventLine, OutstandingLine, PeriodRequest, PeriodView } from './hunts.ts';
import { Count, FilePath, Name, Time } from './parts.ts';

/**
 * Whose acts are looked at. Without principals: the exposed credentials. Descendants that were found, and addresses
 * at which indicators were seen, always count.
 */
const attacker = {
  principals: z.array(Name).max(limits.descendantPrincipalsMax).optional(),
  addresses: z.array(z.string().min(1).max(100)).max(limits.huntAddressesMax).optional(),
  ...PeriodRequest,
};

export const AccessRequest = z.strictObject({ ...attacker, totalsFile: FilePath.optional() });

export const TimelineRequest = z.strictObject({
  ...attacker,
  format: z.enum(timelineFormats).default('json'),
});

export const AccessedView = z.object({
  type: z.string(),
  key: z.string(),
  title: z.string(),
  realm: z.string(),
  acts: z.array(z.enum(accessActs)),
  events: Count,
  first: Time,
  last: Time,
  actors: z.array(z.string()),
  addresses: z.array(z.string()),
  sources: z.array(z.string()),
  proof: EventLine,
});
export type AccessedView = z.infer<typeof AccessedView>;

export const AccessResult = z.object({
  runId: z.string(),
  period: PeriodView,
  principals: Count,
  descendants: Count,
  addresses: z.array(z.string()),
  types: z.array(
    z.object({
      type: z.string(),
      resources: Count,
      byAct: z.partialRecord(z.enum(accessActs), Count),
      total: Count.nullable(),
      refused: Count,
      topics: z.array(z.object({ word: z.string(), resources: Count })),
    }),
  ),
  /** The first of them; `resourcesTotal` says how many there are. */
  resources: z.array(AccessedView),
  resourcesTotal: Count,
  refused: z.array(AccessedView),
  refusedTotal: Count,
  readers: z.array(
    z.object({
      actor: z.string(),
      address: z.string(),
      resources: Count,
      events: Count,
      first: Time,
      last: Time,
    }),
  ),
  classes: z.array(
    z.object({
      class: z.string(),
      verdict: z.enum(['accessed', 'no-access-seen', 'cannot-be-ruled-out']),
      because: z.array(z.string()),
      events: Count,
      refused: Count,
      proof: z.array(EventLine),
    }),
  ),
  claims: z.array(ClaimLine),
  doubts: z.array(z.string()),
  outstanding: z.array(OutstandingLine),
});
export type AccessResult = z.infer<typeof AccessResult>;
