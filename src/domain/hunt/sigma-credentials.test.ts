/**
 * Our rules of exposed and of dead credentials, from end to end: what they look for comes from exposures and from proofs
 * of a rotation at a real server, and they find it in the logs of every source that they are for.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../test/lab/domain.ts';
import { openTestLake, type TestLake } from '../../../test/lab/lake.ts';
import {
  declareCoreDb,
  startTargetPostgres,
  type TargetPostgres,
} from '../../../test/lab/target-postgres.ts';
import { ingestLogs, sources } from '../../lake/index.ts';
import { loadShipped } from '../advisory/index.ts';
import { exposeAsPrecaution, listExposures } from '../exposure/index.ts';
import { type Incident, openIncident } from '../incident/index.ts';
import { discoverSystem, saveStatements } from '../inventory/index.ts';
import { applyPlan, approvePlan, planRotation } from '../rotation/index.ts';
import { audit, gateway, github, okta } from './__fixtures__/sigma-logs.ts';
import { huntSigma } from './sigma.ts';
import type { HuntContext } from './types.ts';

let [target, lab, lake] = [{} as TargetPostgres, {} as DomainLab, {} as TestLake];
let context: HuntContext;
let incident: Incident;

beforeAll(async () => {
  target = await startTargetPostgres();
  await target.sql("create role svc_dead login password 'old-svc_dead-Secret1'");
  lab = await openDomainLab(async (folder) => {
    await mkdir(join(folder, 'apps'));
    await writeFile(join(folder, 'apps', 'svc_dead.env'), 'PGPASSWORD=old-svc_dead-Secret1\n');
    return declareCoreDb(target.config, { canary: 1, size: 100 });
  });
  lake = await openTestLake();
  context = { ...lab.context, lake: async () => lake };
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  ({ incident } = await openIncident(context, advisory));
  for (const [name, lines] of Object.entries(logs())) {
    const path = join(lab.folder, `${name}.ndjson`);
    await writeFile(path, `${lines.join('\n')}\n`);
    const report = await ingestLogs(lake, { paths: [path], source: name, sources });
    expect(report).toMatchObject({ failed: [], files: [{ events: lines.length, rejects: 0 }] });
  }
});
afterAll(async () => {
  await lake.close?.();
  await lab.close?.();
  await target.close?.();
});

/** Who acts in each log: line 1 to 5, the first three refused, the others not. */
const actors = ['svc_dead', 'star-fish', 'nobody', 'svc_dead', 'star*'];
const refused = (index: number) => index < 3;
const minute = (index: number) => `2023-11-20T10:0${index}:00Z`;

const aws = (user: string, at: string, isRefused: boolean): string =>
  JSON.stringify({
    eventVersion: '1.09',
    awsRegion: 'us-east-1',
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    userIdentity: {
      type: 'IAMUser',
      principalId: `AIDA${user}`,
      arn: `arn:aws:iam::111122223333:user/${user}`,
      accountId: '111122223333',
      accessKeyId: 'AKIAEXAMPLE000000001',
      userName: user,
    },
    eventTime: at,
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    sourceIPAddress: '203.0.113.77',
    userAgent: 'aws-cli/2.13.5',
    requestParameters: null,
    responseElements: null,
    ...(isRefused ? { errorCode: 'AccessDenied', errorMessage: 'Access Denied' } : {}),
    requestID: `request-${user}-${at}`,
    eventID: `event-${user}-${at}`,
    readOnly: true,
  });

function logs(): Record<string, string[]> {
  const each = (line: (user: string, index: number) => string) => actors.map(line);
  const audited = (system: string, failure: string) =>
    each((author, index) =>
      audit(system, {
        key: refused(index) ? failure : 'something.else',
        action: 'Something',
        author,
        at: minute(index),
      }),
    );
  return {
    cloudtrail: each((user, index) => aws(user, minute(index), refused(index))),
    okta: each((user, index) =>
      okta('user.session.start', user, '203.0.113.7', minute(index), refused(index) ? 'FAILURE' : 'SUCCESS')
        // The address is not what the inventory knows; the id is.
        .replace(`"00u${user}"`, JSON.stringify(user)),
    ),
    'cloudflare-access': each((user, index) =>
      gateway(user, '203.0.113.7', 'service_token', minute(index), !refused(index)),
    ),
    'bitbucket-audit': audited('bitbucket', 'bitbucket.service.audit.authenticationfailure'),
    'jira-audit': audited('jira', 'jira.auditing.login.failed'),
    'confluence-audit': audited('confluence', 'audit.logging.login.failed'),
    'github-audit': each((user, index) => github('git.clone', minute(index), user)),
  };
}

const period = { from: new Date('2023-11-14T00:00:00Z'), to: new Date('2023-11-25T00:00:00Z') };

/** `source:line` of each finding of the rules of exposed, and of dead credentials. */
async function found() {
  const report = await huntSigma(context, { incidentId: incident.id, sources, period });
  const of = (words: string) =>
    report.findings
      .filter(({ title }) => title.endsWith(words))
      .map(({ event }) => `${event.source}:${event.line}`)
      .sort();
  expect(report.notCompiled).toEqual([]);
  return {
    exposed: of('An Exposed Credential Is Used'),
    dead: of('A Dead Credential Is Tried'),
    asked: report.results.filter(({ title }) => /An Exposed|A Dead/.test(title)).length,
  };
}

const inAll = (lines: number[], names = Object.keys(logs())) =>
  names.flatMap((name) => lines.map((line) => `${name}:${line}`)).sort();

const expose = async () => {
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  const input = { scope: { environment: 'production' }, reason: 'in doubt' };
  await exposeAsPrecaution(context, incident.id, advisory, input);
};

test('while nothing is exposed the rules are asked and find nothing, and that is no doubt', async () => {
  const { exposed, dead, asked } = await found();
  expect({ exposed, dead }).toEqual({ exposed: [], dead: [] });
  expect(asked).toBe(11);
});

test('an exposed credential is found wherever it is used, and who is only called alike is not', async () => {
  await discoverSystem(context, lab.systems, 'core-db', AbortSignal.timeout(60_000));
  await lab.store.db.deleteFrom('credential_claim').execute();
  await lab.store.db.deleteFrom('credential').where('name', '<>', 'svc_dead').execute();
  await expose();
  const { exposed, dead, asked } = await found();
  expect(exposed).toEqual(inAll([1, 4]));
  expect(dead).toEqual([]);
  expect(asked).toBe(11);
});

test('once it is proven dead it is looked for where it is refused; a name with a wildcard stands for itself', async () => {
  const plan = await planRotation(context, lab.systems, incident.id);
  await approvePlan(context, plan.id, 'alice');
  const engine = await lab.startEngine();
  await applyPlan(context, engine, plan.id);
  await engine.result(`${plan.id}/1`);
  await saveStatements(
    lab.store.db,
    'asset-list',
    [{ system: 'wiki', kind: 'token', name: 'star*', class: 'api-token', environment: 'production' }],
    context,
  );
  await expose();
  const states = await listExposures(lab.store.db, { incidentId: incident.id, limit: 10 });
  expect(states.map(({ ref, state }) => `${ref} ${state}`).sort()).toEqual([
    'core-db/password/svc_dead proven-dead',
    'wiki/token/star* outstanding',
  ]);
  const { exposed, dead, asked } = await found();
  expect(exposed).toEqual(inAll([5]));
  // With the new secret its owner goes on; only who is refused may hold the old one.
  expect(dead).toEqual(inAll([1], ['bitbucket-audit', 'cloudflare-access', 'cloudtrail', 'okta']));
  expect(asked).toBe(11);
});
