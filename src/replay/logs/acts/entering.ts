/** 14 and 15 November: which of the leaked credentials still work? Okta and the dashboard refuse, AWS and Jira do not. */
import { accounts, credentials } from '../cast.ts';
import { serviceTokenUid } from '../formats/cloudflare.ts';
import { awsAccounts, type CloudTrailEvent, forgottenKey, iamUser } from '../formats/cloudtrail.ts';
import type { OktaEvent } from '../formats/okta.ts';
import { sessionOf, type WebRequest } from '../formats/web-request.ts';
import type { Story } from './deed.ts';
import { indicators, schedule } from './schedule.ts';

export const intruderAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0';
const minute = 60_000;

export function tellEntering(story: Story): void {
  tellProbing(story);
  tellAws(story);
  enterGateway(story, schedule.atlassianEntered, 'atlassian-entered');
  story.tell(
    schedule.atlassianEntered,
    'atlassian-entered',
    'jira-access',
    jiraRequest('/rest/api/2/myself', accounts.smartsheet.login, schedule.atlassianEntered),
  );
  story.tell(
    schedule.atlassianEntered + 1_900,
    'atlassian-entered',
    'confluence-access',
    jiraRequest('/rest/api/user/current', accounts.smartsheet.login, schedule.atlassianEntered),
  );
}

/** The service token opens the gateway; no person signs in. */
export function enterGateway({ tell }: Story, at: number, act: string): void {
  for (const [offset, app] of [
    [0, 'jira.corp.example'],
    [1_500, 'wiki.corp.example'],
  ] as const)
    tell(at + offset, act, 'cloudflare-access', {
      action: 'login',
      allowed: true,
      app,
      connection: 'service_token',
      country: 'xx',
      email: credentials.moveworks,
      userUid: serviceTokenUid,
      ip: indicators.address,
    });
}

/** A request of the intruder's browser to Jira or Confluence. */
export const jiraRequest = (
  url: string,
  user: string,
  at: number,
  status = 200,
  method = 'GET',
): WebRequest => ({
  ip: indicators.address,
  user,
  method,
  url,
  status,
  bytes: status === 200 ? 9_000 + (at % 30_000) : 320,
  milliseconds: 60 + (at % 400),
  referrer: '',
  agent: intruderAgent,
  session: sessionOf(user, at),
});

function tellProbing({ tell }: Story): void {
  const actor = { id: 'unknown', type: 'User', login: 'svc.okta-admin@corp.example', name: 'unknown' };
  const refused = (
    type: string,
    message: string,
    result: OktaEvent['result'],
    reason: string,
  ): OktaEvent => ({
    type,
    message,
    severity: 'WARN',
    actor,
    ip: indicators.address,
    agent: intruderAgent,
    result,
    reason,
    targets: [],
  });
  const start = schedule.probingStarted;
  tell(
    start,
    'okta-refused',
    'okta',
    refused('user.session.start', 'User login to Okta', 'FAILURE', 'INVALID_CREDENTIALS'),
  );
  tell(
    start + 2 * minute,
    'okta-refused',
    'okta',
    refused(
      'policy.evaluate_sign_on',
      'Evaluation of sign-on policy',
      'DENY',
      'Sign-on policy evaluation resulted in DENY',
    ),
  );
  tell(
    start + 5 * minute,
    'okta-refused',
    'okta',
    refused('user.session.access_admin_app', 'User accessing Okta admin app', 'FAILURE', 'INVALID_SESSION'),
  );
  for (const offset of [0, 3 * minute])
    tell(start + offset, 'dashboard-refused', 'cloudflare-access', {
      action: 'login',
      allowed: false,
      app: 'dash.corp.example',
      connection: 'service_token',
      country: 'xx',
      email: credentials.moveworks,
      userUid: serviceTokenUid,
      ip: indicators.address,
    });
}

/** The environment behind the apps marketplace: looked around in, nothing changed. */
function tellAws({ tell }: Story): void {
  const calls: [offsetMinutes: number, service: string, name: string, parameters: string, denied?: true][] = [
    [0, 'sts', 'GetCallerIdentity', 'null'],
    [1.2, 'iam', 'ListAttachedUserPolicies', `{"userName":"${credentials.aws}"}`, true],
    [2.1, 's3', 'ListBuckets', 'null'],
    [3.7, 'ec2', 'DescribeInstances', '{"instancesSet":{},"filterSet":{}}'],
    [5.2, 'ec2', 'DescribeVpcs', '{"vpcSet":{}}'],
    [6.4, 'iam', 'ListUsers', 'null', true],
    [9.9, 'secretsmanager', 'ListSecrets', '{"maxResults":100}', true],
    [13.5, 'ec2', 'DescribeSecurityGroups', '{"securityGroupSet":{}}'],
  ];
  for (const [offset, service, name, parameters, denied] of calls)
    tell(
      schedule.probingStarted + Math.round(offset * minute),
      'aws-entered',
      'cloudtrail:333333333333:us-east-1',
      awsCall(
        service,
        name,
        parameters,
        indicators.address,
        'aws-cli/2.13.15 Python/3.11.4 Linux/5.15.0-76-generic exe/x86_64.ubuntu.22',
        denied,
      ),
    );
}

export const awsCall = (
  service: string,
  name: string,
  parameters: string,
  ip: string,
  agent: string,
  denied = false,
): CloudTrailEvent => ({
  service,
  name,
  readOnly: true,
  identity: iamUser(awsAccounts.apps, credentials.aws, forgottenKey),
  ip,
  agent,
  parameters,
  response: 'null',
  ...(denied
    ? {
        error: {
          code: 'AccessDenied',
          message: `User: arn:aws:iam::${awsAccounts.apps}:user/${credentials.aws} is not authorized to perform: ${service}:${name}`,
        },
      }
    : {}),
});
