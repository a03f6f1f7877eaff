// Written by `npm run gen` from the folders; a test compares it. Do not edit.
import type { Source } from './contract.ts';
import { atlassianCloud } from './atlassian-cloud/index.ts';
import { auditd } from './auditd/index.ts';
import { bitbucketAccess } from './bitbucket-access/index.ts';
import { bitbucketAudit } from './bitbucket-audit/index.ts';
import { cloudtrail } from './cloudtrail/index.ts';
import { confluenceAccess } from './confluence-access/index.ts';
import { confluenceAudit } from './confluence-audit/index.ts';
import { jiraAccess } from './jira-access/index.ts';
import { jiraAudit } from './jira-audit/index.ts';
import { linuxAuth } from './linux-auth/index.ts';
import { ocsf } from './ocsf/index.ts';
import { okta } from './okta/index.ts';
import { postgresCsvlog } from './postgres-csvlog/index.ts';
import { webAccess } from './web-access/index.ts';

/** Every kind of log that has a folder. */
export const sources: readonly Source[] = [
  atlassianCloud,
  auditd,
  bitbucketAccess,
  bitbucketAudit,
  cloudtrail,
  confluenceAccess,
  confluenceAudit,
  jiraAccess,
  jiraAudit,
  linuxAuth,
  ocsf,
  okta,
  postgresCsvlog,
  webAccess,
];
