/** A deed: one event that must be in one log at one moment. What happened is told as a list of them. */
import type { Cast, Host } from '../cast.ts';
import type { Dice } from '../dice.ts';
import type { AuditEvent } from '../formats/atlassian-audit.ts';
import type { AuditdEvent } from '../formats/auditd.ts';
import type { AuthEvent } from '../formats/auth-log.ts';
import type { BitbucketRequest } from '../formats/bitbucket-access.ts';
import type { AccessRequest, AccountAudit, GatewayDns, GatewayHttp } from '../formats/cloudflare.ts';
import type { CloudTrailEvent } from '../formats/cloudtrail.ts';
import type { OcsfEvent } from '../formats/ocsf.ts';
import type { OktaEvent } from '../formats/okta.ts';
import type { WebRequest } from '../formats/web-request.ts';

/** The logs that deeds stand in, by their ids, and what an event of each is. */
export type LogEvents = {
  okta: OktaEvent;
  'cloudflare-access': AccessRequest;
  'cloudflare-audit': AccountAudit;
  'gateway-http': GatewayHttp;
  'gateway-dns': GatewayDns;
  'jira-audit': AuditEvent;
  'jira-access': WebRequest;
  'confluence-audit': AuditEvent;
  'confluence-access': WebRequest;
  'bitbucket-audit': AuditEvent;
  'bitbucket-access': BitbucketRequest;
  'cloudtrail:333333333333:us-east-1': CloudTrailEvent;
  'auditd:atlassian-01': AuditdEvent;
  ocsf: OcsfEvent;
} & { [Id in `auth:${Host}`]: AuthEvent };

export type LogId = keyof LogEvents;

/**
 * Whose deed it is: the intruder's, the responders', somebody's whose harmless deed resembles it, or one of the
 * four credentials in the use that it was made for, before the breach.
 */
export type Side = 'attack' | 'response' | 'look-alike' | 'past';

export interface Deed<Id extends LogId = LogId> {
  at: number;
  act: string;
  side: Side;
  log: Id;
  event: LogEvents[Id];
}

/** What a part of the story is told with. */
export interface Story {
  cast: Cast;
  dice: Dice;
  tell<Id extends LogId>(at: number, act: string, log: Id, event: LogEvents[Id]): void;
}

/** `count` moments in order, from the first to before the last, at irregular distances. */
export function spread(dice: Dice, from: number, to: number, count: number): number[] {
  const step = (to - from) / count;
  return Array.from({ length: count }, (_, index) =>
    Math.floor(from + (index + 0.1 + 0.8 * dice.unit()) * step),
  );
}
