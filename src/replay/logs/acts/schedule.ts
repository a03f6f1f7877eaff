/**
 * The moments of the incident as they were published, in UTC; where no seconds were published there are none.
 * Source: blog.cloudflare.com/thanksgiving-2023-security-incident/
 */
import { moment } from '../stamps.ts';

export const schedule = {
  probingStarted: moment('11-14 09:22:49'),
  atlassianEntered: moment('11-15 16:28:38'),
  accountCreated: moment('11-16 14:36:37'),
  pauseBegan: moment('11-17 14:33:52'),
  pauseEnded: moment('11-20 09:26:53'),
  implantInstalled: moment('11-22 14:18:22'),
  administratorsJoined: moment('11-23 15:58'),
  alertRaised: moment('11-23 16:00'),
  smartsheetDisabled: moment('11-23 16:35'),
  createdAccountDisabled: moment('11-23 17:23'),
  addressesBlocked: moment('11-23 21:31'),
  lastActivity: moment('11-24 10:44'),
  implantRemoved: moment('11-24 11:59'),
} as const;

export const indicators = {
  /** The address that the intruder came from. */
  address: '193.142.58.126',
  /** Where the implant reported. */
  control: '198.244.174.214',
  domain: 'idowall.com',
  file: 'jvm-agent',
  sha256: 'bdd1a085d651082ad567b03e5186d1d46d822bb7794157ab8cce95d850a3caaf',
} as const;

/** Words that were searched for in the wiki. */
export const searchWords = [
  'remote access',
  'secret',
  'client-secret',
  'openconnect',
  'cloudflared',
  'token',
] as const;

/** Groups that the account joined; the last is the administrators' group of the service account. */
export const joinedGroups = [
  'jira-software-users',
  'confluence-users',
  'stash-users',
  'infrastructure-readers',
] as const;
export const administratorsGroup = 'jira-administrators';

export const counts = { tickets: 36, pages: 202, viewed: 120, archived: 76 } as const;

export const implantPath = `/opt/atlassian/jira/temp/${indicators.file}`;
