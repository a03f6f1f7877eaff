// Written by `npm run gen` from the folders; a test compares it. Do not edit.
import type { Source } from './contract.ts';
import { atlassianCloud } from './atlassian-cloud/index.ts';
import { auditd } from './auditd/index.ts';
import { bitbucketAccess } from './bitbucket-access/index.ts';
import { bitbucketAudit } from './bitbucket-audit/index.ts';
import { cloudflareAccess } from './cloudflare-access/index.ts';
import { cloudflareAudit } from './cloudflare-audit/index.ts';
import { cloudflareGatewayDns } from './cloudflare-gateway-dns/index.ts';
import { cloudflareGatewayHttp } from './cloudflare-gateway-http/index.ts';
import { cloudtrail } from './cloudtrail/index.ts';
import { confluenceAccess } from './confluence-access/index.ts';
import { confluenceAudit } from './confluence-audit/index.ts';
import { githubAudit } from './github-audit/index.ts';
import { jiraAccess } from './jira-access/index.ts';
import { jiraAudit } from './jira-audit/index.ts';
import { kubernetesAudit } from './kubernetes-audit/index.ts';
import { linuxAuth } from './linux-auth/index.ts';
import { ocsf } from './ocsf/index.ts';
import { okta } from './okta/index.ts';
import { postgresCsvlog } from './postgres-csvlog/index.ts';
import { vaultAudit } from './vault-audit/index.ts';
import { webAccess } from './web-access/index.ts';

/** Every kind of log that has a folder. */
export const sources: readonly Source[] = [
  atlassianCloud,
  auditd,
  bitbucketAccess,
  bitbucketAudit,
  cloudflareAccess,
  cloudflareAudit,
  cloudflareGatewayDns,
  cloudflareGatewayHttp,
  cloudtrail,
  confluenceAccess,
  confluenceAudit,
  githubAudit,
  jiraAccess,
  jiraAudit,
  kubernetesAudit,
  linuxAuth,
  ocsf,
  okta,
  postgresCsvlog,
  vaultAudit,
  webAccess,
];
