/** All logs of the practice company, each with what is planted in it. */
import type { Deed } from './acts/deed.ts';
import { auditdLog } from './formats/auditd.ts';
import { authLogs } from './formats/auth-log.ts';
import { bitbucketAccessLog } from './formats/bitbucket-access.ts';
import { bitbucketAuditLog } from './formats/bitbucket-audit.ts';
import { accessRequestsLog, accountAuditLog, gatewayDnsLog, gatewayHttpLog } from './formats/cloudflare.ts';
import { cloudTrailLogs } from './formats/cloudtrail.ts';
import { confluenceAccessLog } from './formats/confluence-access.ts';
import { confluenceAuditLog } from './formats/confluence-audit.ts';
import { gitHubLog } from './formats/github.ts';
import { jiraAccessLog } from './formats/jira-access.ts';
import { jiraAuditLog } from './formats/jira-audit.ts';
import { kubernetesLog } from './formats/kubernetes.ts';
import { nginxLogs } from './formats/nginx.ts';
import { ocsfLog } from './formats/ocsf.ts';
import { oktaLog } from './formats/okta.ts';
import { postgresLog } from './formats/postgres.ts';
import { vaultLog } from './formats/vault.ts';
import type { World } from './formats/world.ts';
import type { LogSink } from './log-file.ts';
import { type Log, runStream, type StreamTask } from './stream.ts';
import type { Place } from './types.ts';

/** What a log is run with, apart from its own events. */
export type Run = Omit<StreamTask<never>, 'log' | 'planted' | 'onPlanted' | 'sink'> & {
  sink: LogSink;
  onDeed(deed: Deed, place: Place): void;
};

/** A log whose kind of event is its own affair. */
export interface AnyLog extends Omit<Log<never>, 'benign' | 'write'> {
  /** Deeds that stand in it. */
  deeds: number;
  run(how: Run): Promise<number>;
}

export function makeLogs(world: World, deeds: readonly Deed[]): AnyLog[] {
  const any = <E>(log: Log<E>): AnyLog => {
    // A log's id says what its events are, so deeds of this id hold events of this kind.
    const planted = deeds.filter((deed) => deed.log === log.id) as (Deed & { event: E })[];
    return {
      ...log,
      deeds: planted.length,
      run: ({ onDeed, ...how }) =>
        runStream<E>({
          ...how,
          log,
          planted,
          onPlanted: (deed, place) => onDeed(deed as Deed & { event: E }, place),
        }),
    };
  };
  const logs = [
    any(oktaLog(world)),
    any(accessRequestsLog(world)),
    any(accountAuditLog(world)),
    any(gatewayHttpLog(world)),
    any(gatewayDnsLog(world)),
    any(jiraAuditLog(world)),
    any(jiraAccessLog(world)),
    any(confluenceAuditLog(world)),
    any(confluenceAccessLog(world)),
    any(bitbucketAuditLog(world)),
    any(bitbucketAccessLog(world)),
    any(gitHubLog(world)),
    any(auditdLog(world)),
    any(vaultLog(world)),
    any(kubernetesLog(world)),
    any(postgresLog(world)),
    any(ocsfLog(world)),
    ...authLogs(world).map(any),
    ...nginxLogs(world).map(any),
    ...cloudTrailLogs(world).map(any),
  ];
  return logs;
}
