/** From the vendors' records to what was made: the fixtures of the sources are ingested, and hunted in. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyLake } from '../../../test/lab/lake.ts';
import { packageFile } from '../../kernel/paths.ts';
import { ingestLogs } from '../../lake/ingest/index.ts';
import { sources } from '../../lake/sources/registry.ts';
import { openIncident } from '../incident/index.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';
import { huntDescendants } from './descendants.ts';

interface Case {
  logs: readonly string[];
  principal: string;
  things: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  Okta: {
    logs: ['okta'],
    principal: 'root.admin@corp.example',
    things: [
      '1 account: new.person@corp.example 00u2made',
      '1 group-membership: Platform Admins',
      '1 permission-grant: Super administrator',
      '2 token: backup-token 00T1token',
    ],
  },
  'Jira and Confluence': {
    logs: ['jira-audit', 'confluence-audit'],
    principal: 'smartsheet_svc',
    things: [
      '1 account: julian.hartwell 2c9580827d4a06e8017d4a07c3e10751',
      '1 account: julian.hartwell JIRAUSER11873',
      '1 group-membership: confluence-administrators',
      '1 group-membership: jira-administrators',
      '1 identity-provider: Shadow Directory',
      '1 permission-grant: ADMINISTRATECONFLUENCE',
      '1 permission-grant: Default Permission Scheme',
      '1 permission-grant: Developers',
      '1 permission-grant: Global Permissions',
      '1 permission-grant: Operations',
      '1 plugin: Scripted Actions',
      '1 script: ["/bin/sh","-c","id"].execute()',
      '1 token: sync',
    ],
  },
  Bitbucket: {
    logs: ['bitbucket-audit', 'bitbucket-access'],
    principal: 'bitbucket_svc',
    things: [
      '1 account: julian.hartwell 1873',
      '1 group-membership: stash-admins',
      '1 password-reset: bitbucket_svc',
      '1 permission-grant: NET',
      '1 permission-grant: SYS_ADMIN',
      '1 ssh-key: ec2392f2ede74488680da3cf5f2b4756ed873d23 ec2392f2ede74488680da3cf5f2b4756ed873d23',
      '1 ssh-key: laptop ssh-key/2754',
    ],
  },
  'Atlassian Cloud': {
    logs: ['atlassian-cloud'],
    principal: 'ada.byron@corp.example',
    things: [
      '1 account: new.person@corp.example 712020:1',
      '1 group-membership: site-admins',
      '1 token: sync apitoken/t-1',
    ],
  },
  GitHub: {
    logs: ['github-audit'],
    principal: 'root-admin',
    things: [
      '1 account: new-person 9000999',
      '1 group-membership: corp-example/platform',
      '1 permission-grant: corp-example/sdk',
      '2 deploy-key: ci SHA256:abcd',
      '2 oauth-app: deploy-helper integration/deploy-helper',
      '2 token: sync token/5551',
      '2 webhook: https://hooks.example.net/x hook/77',
    ],
  },
  Cloudflare: {
    logs: ['cloudflare-audit'],
    principal: 'ada.byron@corp.example',
    things: [
      '1 token: moveworks-service-token token/023e105f4ecef8ad9ca31a8372d0c354',
      '1 token: terraform token/ed17574386854bf78a67040be0a770b0',
      '2 account: m-1 m-1',
    ],
  },
  Vault: {
    logs: ['vault-audit'],
    principal: 'approle-core',
    things: [
      '1 token: auth/approle/login hmac-sha256:ac02',
      '1 token: team/auth/token/create hmac-sha256:ac03',
      '2 token: database/creds/readonly database/creds/readonly/2f6a614c',
    ],
  },
  Kubernetes: {
    logs: ['kubernetes-audit'],
    principal: 'system:serviceaccount:kube-system:deployer',
    things: [
      '1 account: system:serviceaccount:apps:helper system:serviceaccount:apps:helper',
      '1 permission-grant: helper-admin',
      '1 token: apps/helper JTI=77aa',
    ],
  },
};

let lab: HuntLab;
beforeAll(async () => {
  lab = await openHuntLab();
});
afterAll(() => lab?.close());

/** The golden events beside the logs are no logs. */
const logsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !name.endsWith('.events.json'))
    .map((name) => join(folder, name));

const period = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2026-01-01T00:00:00Z') };

test.each(Object.entries(cases))(
  '%s: what an exposed principal made is found, and what that made',
  async (_, one) => {
    await emptyLake(lab.lake);
    const report = await ingestLogs(lab.lake, {
      paths: one.logs.map((id) => packageFile('src', 'lake', 'sources', id, '__fixtures__')).flatMap(logsIn),
      sources,
    });
    expect(report.failed).toEqual([]);
    expect(new Set(report.files.map(({ source }) => source))).toEqual(new Set(one.logs));
    const { incident } = await openIncident(lab.domain.context, lab.advisory);
    const { descendants } = await huntDescendants(lab.context, {
      incidentId: incident.id,
      principals: [{ principal: one.principal, ...period }],
      period,
      sources: [],
    });
    expect(
      descendants
        .map(({ generation, kind, name, ref }) => `${generation} ${kind}: ${name} ${ref}`.trim())
        .sort(),
    ).toEqual(one.things);
  },
);
