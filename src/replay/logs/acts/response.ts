/** 23 and 24 November: the intruder reaches for more, is noticed, and is put out piece by piece. */
import { accounts, credentials } from '../cast.ts';
import { rootUser } from '../formats/auditd.ts';
import { serviceTokenUid } from '../formats/cloudflare.ts';
import { addedToGroup, jiraAuthor, userDisabled } from '../formats/jira-audit.ts';
import { moment } from '../stamps.ts';
import type { Story } from './deed.ts';
import { intruderAgent, jiraRequest } from './entering.ts';
import { implantPid } from './implant.ts';
import { whomCreated } from './reading.ts';
import { administratorsGroup, implantPath, indicators, schedule } from './schedule.ts';

const whomSmartsheet = { id: accounts.smartsheet.jiraId, name: accounts.smartsheet.login };

/** What the intruder still does while he is being put out. */
export function tellLastSteps({ tell }: Story): void {
  const joined = schedule.administratorsJoined;
  const by = { author: jiraAuthor(accounts.smartsheet), ip: indicators.address };
  tell(joined, 'administrators-joined', 'jira-audit', addedToGroup(by, whomSmartsheet, administratorsGroup));
  for (const [at, user] of [
    [moment('11-23 16:41:10'), accounts.smartsheet.login],
    [moment('11-23 17:25:44'), accounts.created.login],
  ] as const)
    tell(
      at,
      'disabled-account-refused',
      'jira-access',
      jiraRequest(`/login.jsp?os_username=${user}`, '-', at, 401, 'POST'),
    );
  for (const at of [moment('11-23 21:44:02'), moment('11-23 22:10:31'), moment('11-24 08:02:57')]) {
    tell(at, 'address-refused', 'cloudflare-access', {
      action: 'login',
      allowed: false,
      app: 'jira.corp.example',
      connection: 'service_token',
      country: 'xx',
      email: credentials.moveworks,
      userUid: serviceTokenUid,
      ip: indicators.address,
    });
    tell(at, 'address-refused', 'gateway-http', {
      action: 'block',
      email: 'non_identity@corp.cloudflareaccess.com',
      userId: serviceTokenUid,
      device: credentials.moveworks,
      ip: indicators.address,
      internalIp: '',
      host: 'jira.corp.example',
      destination: '203.0.113.20',
      method: 'GET',
      path: '/login.jsp',
      status: 403,
      agent: intruderAgent,
      policy: 'Incident: known addresses',
    });
  }
}

export function tellResponse({ tell }: Story): void {
  const { responder } = accounts;
  const by = { author: jiraAuthor(responder), ip: responder.ip };
  tell(schedule.alertRaised, 'alert-raised', 'ocsf', {
    kind: 'finding',
    title: 'Service account added to an administrators group',
    user: accounts.smartsheet.login,
    severity: 4,
  });
  tell(schedule.smartsheetDisabled, 'smartsheet-disabled', 'jira-audit', userDisabled(by, whomSmartsheet));
  tell(
    schedule.createdAccountDisabled,
    'created-account-disabled',
    'jira-audit',
    userDisabled(by, whomCreated),
  );
  tell(schedule.addressesBlocked, 'addresses-blocked', 'cloudflare-audit', {
    action: 'create',
    success: true,
    email: `${responder.login}@corp.example`,
    ip: responder.ip,
    resource: 'gateway_rule',
    resourceId: 'f1e2d3c4b5a697887766554433221100',
    metadata: `{"rule":"Incident: known addresses","block":["${indicators.address}"]}`,
  });
  const removed = schedule.implantRemoved;
  const run = (argv: readonly string[], exe: string) =>
    ({ kind: 'execute', argv, exe, user: { ...rootUser, loginUid: 2_001 }, cwd: '/root' }) as const;
  tell(
    removed,
    'implant-removed',
    'auditd:atlassian-01',
    run(['kill', '-9', String(implantPid)], '/usr/bin/kill'),
  );
  tell(
    removed + 6_000,
    'implant-removed',
    'auditd:atlassian-01',
    run(['rm', '-f', implantPath], '/usr/bin/rm'),
  );
  tell(removed + 6_000, 'implant-removed', 'auth:atlassian-01', {
    program: 'sudo',
    pid: 51_200,
    message: `${responder.login} : TTY=pts/0 ; PWD=/home/${responder.login} ; USER=root ; COMMAND=/usr/bin/rm -f ${implantPath}`,
  });
}
