/**
 * Harmless deeds that resemble the attack, and the four credentials in the use that they were made for. A hunt
 * must not take the first for the second, nor the usual use of a credential for its theft.
 */
import { accounts, credentials } from '../cast.ts';
import { overHttps, overSsh } from '../formats/bitbucket-access.ts';
import { serviceTokenUid } from '../formats/cloudflare.ts';
import { confluenceAuthor, searched } from '../formats/confluence-audit.ts';
import { addedToGroup, jiraAuthor, scriptRun, userCreated } from '../formats/jira-audit.ts';
import { sessionOf } from '../formats/web-request.ts';
import { moment } from '../stamps.ts';
import { type Story, spread } from './deed.ts';
import { awsCall } from './entering.ts';
import { administratorsGroup } from './schedule.ts';

export function tellLookAlikes(story: Story): void {
  releaseArchives(story);
  administration(story);
  robotInNewNetwork(story);
  curiousEmployee(story);
}

/** Four source archives for a hand-made release. */
function releaseArchives({ tell, dice, cast }: Story): void {
  for (const at of spread(dice, moment('11-16 10:12'), moment('11-16 10:40'), 4))
    tell(
      at,
      'release-archived',
      'bitbucket-access',
      overSsh(
        accounts.releaser,
        'git-upload-archive',
        dice.pick(cast.repositories.slice(400)),
        'archive',
        900_000,
      ),
    );
}

/** An administrator who may do so creates people, makes one of them an administrator, and runs scripts. */
function administration({ tell, dice, cast }: Story): void {
  const by = { author: jiraAuthor(accounts.administrator), ip: accounts.administrator.ip };
  for (const [index, at] of spread(dice, moment('11-16 14:05'), moment('11-16 14:30'), 3).entries()) {
    const whom = { id: `JIRAUSER${11_900 + index}`, name: `new.starter${index + 1}` };
    tell(
      at,
      'starter-created',
      'jira-audit',
      userCreated(by, whom, `New Starter ${index + 1}`, `${whom.name}@corp.example`),
    );
    tell(at + 4_000, 'starter-created', 'jira-audit', addedToGroup(by, whom, 'jira-software-users'));
  }
  const deputy = cast.people[8];
  if (deputy)
    tell(
      moment('11-08 10:20:15'),
      'deputy-appointed',
      'jira-audit',
      addedToGroup(by, { id: deputy.jiraId, name: deputy.login }, administratorsGroup),
    );
  for (const at of [moment('10-24 09:15:40'), moment('11-09 13:40:02'), moment('11-22 09:05:33')]) {
    tell(
      at,
      'script-maintained',
      'jira-audit',
      scriptRun(by, 'updateFieldOptions("Team", readCsv("teams.csv"))'),
    );
    tell(at - 200, 'script-maintained', 'jira-access', {
      ip: accounts.administrator.ip,
      user: accounts.administrator.login,
      method: 'POST',
      url: '/rest/scriptrunner/latest/user/exec/',
      status: 200,
      bytes: 412,
      milliseconds: 2_310,
      referrer: 'https://jira.corp.example/plugins/servlet/scriptrunner/admin/console',
      agent: 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:119.0) Gecko/20100101 Firefox/119.0',
      session: sessionOf(accounts.administrator.login, at),
    });
  }
}

/** The build robots move to new machines on the day that Jira is entered. */
function robotInNewNetwork({ tell, dice, cast }: Story): void {
  const who = { login: accounts.ciRobot.login, ip: '198.51.100.240' };
  for (const at of spread(dice, moment('11-15 17:00'), moment('11-15 18:10'), 40))
    tell(
      at,
      'robot-moved',
      'bitbucket-access',
      overSsh(
        who,
        'git-upload-pack',
        dice.pick(cast.repositories),
        'cache:miss, clone, protocol:2',
        4_000_000,
      ),
    );
  tell(moment('11-15 16:58:30'), 'robot-moved', 'cloudflare-access', {
    action: 'login',
    allowed: true,
    app: 'grafana.corp.example',
    connection: 'service_token',
    country: 'us',
    email: 'grafana-service-token',
    userUid: '0b9f7e2a-1c3d-5e4f-a6b7-c8d9e0f1a2b3',
    ip: '198.51.100.240',
  });
}

function curiousEmployee({ tell, dice, cast }: Story): void {
  const person = cast.people[40];
  if (!person) return;
  const by = { author: confluenceAuthor(person), ip: person.ip };
  for (const [index, word] of ['token', 'remote access', 'secret santa'].entries())
    tell(
      moment('11-14 14:20') + index * 95_000,
      'employee-searched',
      'confluence-audit',
      searched(by, word, dice.below(40)),
    );
}

/** Rare, and before the breach: the reason why nobody remembered them. */
export function tellPast({ tell }: Story): void {
  const jira = (at: number, url: string) =>
    tell(at, 'smartsheet-synchronised', 'jira-access', {
      ip: accounts.smartsheet.ip,
      user: accounts.smartsheet.login,
      method: 'GET',
      url,
      status: 200,
      bytes: 640,
      milliseconds: 44,
      referrer: '',
      agent: 'Smartsheet-Connector/3.1',
      session: sessionOf(accounts.smartsheet.login, at),
    });
  jira(moment('10-03 06:00:04'), '/rest/api/2/serverInfo');
  jira(moment('10-10 06:00:03'), '/rest/api/2/serverInfo');
  tell(moment('10-05 11:14:52'), 'moveworks-asked', 'cloudflare-access', {
    action: 'login',
    allowed: true,
    app: 'jira.corp.example',
    connection: 'service_token',
    country: 'us',
    email: credentials.moveworks,
    userUid: serviceTokenUid,
    ip: '198.51.100.201',
  });
  const at = moment('10-09 03:30:12');
  tell(
    at,
    'bitbucket-checked',
    'bitbucket-access',
    overHttps(
      { login: accounts.bitbucket.login, ip: accounts.bitbucket.ip, agent: 'curl/7.81.0' },
      '/rest/api/1.0/application-properties',
      at,
    ),
  );
  tell(
    moment('10-12 02:00:41'),
    'aws-checked',
    'cloudtrail:333333333333:us-east-1',
    awsCall('sts', 'GetCallerIdentity', 'null', '10.60.1.20', 'Boto3/1.26.90'),
  );
}
