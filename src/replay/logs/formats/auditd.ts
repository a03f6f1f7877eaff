/**
 * The audit daemon's log of the Atlassian server: programs that are started, connections, files, sessions.
 * https://github.com/linux-audit/audit-documentation/wiki/SPEC-Audit-Event-Enrichment
 */
import { mixed } from '../rhythm.ts';
import { dayName } from '../stamps.ts';
import type { Log, Records } from '../stream.ts';
import { diceOf, rotated, type World } from './world.ts';

export type AuditdEvent =
  | {
      kind: 'execute';
      argv: readonly string[];
      exe: string;
      user: AuditdUser;
      cwd: string;
      pid?: number;
      parent?: number;
    }
  | { kind: 'connect'; ip: string; port: number; exe: string; user: AuditdUser; pid?: number }
  | { kind: 'create'; path: string; exe: string; user: AuditdUser; cwd: string; pid?: number }
  | { kind: 'session'; type: string; op: string; account: string; exe: string; address: string };

interface AuditdUser {
  uid: number;
  /** Who logged in; absent for a service, which nobody did. */
  loginUid?: number;
}

export const jiraUser: AuditdUser = { uid: 997 };
export const rootUser: AuditdUser = { uid: 0 };

const nobody = 4_294_967_295;

export function auditdLog(world: World): Log<AuditdEvent> {
  const dice = diceOf(world, 'auditd:atlassian-01');
  const ids = diceOf(world, 'auditd:atlassian-01:ids');
  const writer = new AuditdWriter((bound) => ids.below(bound));
  return {
    id: 'auditd:atlassian-01',
    source: 'auditd',
    host: 'atlassian-01',
    share: 0.04,
    recordsPerEvent: 3.6,
    rhythm: mixed(0.8),
    path: rotated(world, 14, (start) => `linux/atlassian-01/audit.log.${dayName(start)}`),
    benign: () => {
      const drawn = dice.unit();
      if (drawn < 0.25) return health;
      if (drawn < 0.4)
        return {
          kind: 'connect',
          ip: '10.20.6.10',
          port: 5432,
          exe: '/opt/atlassian/jira/jre/bin/java',
          user: jiraUser,
        };
      if (drawn < 0.6)
        return {
          kind: 'execute',
          argv: ['/usr/bin/find', '/opt/atlassian/jira/temp', '-mtime', '+2', '-delete'],
          exe: '/usr/bin/find',
          user: rootUser,
          cwd: '/',
        };
      if (drawn < 0.7)
        return {
          kind: 'create',
          path: `/opt/atlassian/jira/temp/upload-${dice.hex8()}.tmp`,
          exe: '/opt/atlassian/jira/jre/bin/java',
          user: jiraUser,
          cwd: '/opt/atlassian/jira',
        };
      return {
        kind: 'session',
        type: dice.pick(['CRED_ACQ', 'USER_START', 'USER_END', 'CRED_DISP']),
        op: 'PAM:session_open',
        account: 'root',
        exe: '/usr/sbin/cron',
        address: '?',
      };
    },
    write: (event, at) => writer.write(event, at),
  };
}

const health: AuditdEvent = {
  kind: 'execute',
  argv: ['/usr/bin/curl', '-fsS', '-o', '/dev/null', 'http://127.0.0.1:8080/status'],
  exe: '/usr/bin/curl',
  user: rootUser,
  cwd: '/',
};

/** Numbers the events of the host, and writes each on its several lines. */
class AuditdWriter {
  #serial = 410_000;
  readonly #below: (bound: number) => number;

  constructor(below: (bound: number) => number) {
    this.#below = below;
  }

  write(event: AuditdEvent, at: number): Records {
    const stamp = `msg=audit(${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}:${++this.#serial}):`;
    if (event.kind === 'session') return sessionLine(stamp, event, 900 + this.#below(40_000));
    const pid = event.pid ?? 900 + this.#below(40_000);
    if (event.kind === 'execute')
      return [
        syscall(stamp, 59, event, pid, event.parent ?? 1_201, 2, 'exec'),
        `type=EXECVE ${stamp} argc=${event.argv.length} ${event.argv.map((word, index) => `a${index}=${value(word)}`).join(' ')}`,
        `type=CWD ${stamp} cwd=${value(event.cwd)}`,
        pathLine(stamp, 0, event.exe, 'NORMAL', 100_000 + this.#below(90_000)),
        `type=PROCTITLE ${stamp} proctitle=${hex(event.argv.join('\0'))}`,
      ];
    if (event.kind === 'connect')
      return [
        syscall(stamp, 42, event, pid, 1, 0, 'connect'),
        `type=SOCKADDR ${stamp} saddr=${socketAddress(event.ip, event.port)}`,
        `type=PROCTITLE ${stamp} proctitle=${hex(event.exe)}`,
      ];
    return [
      syscall(stamp, 257, event, pid, 1, 2, 'write'),
      `type=CWD ${stamp} cwd=${value(event.cwd)}`,
      pathLine(stamp, 1, event.path, 'CREATE', 100_000 + this.#below(90_000)),
      `type=PROCTITLE ${stamp} proctitle=${hex(event.exe)}`,
    ];
  }
}

function sessionLine(stamp: string, event: AuditdEvent & { kind: 'session' }, pid: number): string {
  const { type, op, account, exe, address } = event;
  return `type=${type} ${stamp} pid=${pid} uid=0 auid=${nobody} ses=${nobody} subj=unconfined msg='op=${op} grantors=pam_permit acct="${account}" exe="${exe}" hostname=${address} addr=${address} terminal=cron res=success'`;
}

function syscall(
  stamp: string,
  number: number,
  { exe, user }: { exe: string; user: AuditdUser },
  pid: number,
  parent: number,
  items: number,
  key: string,
): string {
  const { uid, loginUid = nobody } = user;
  const ids = `uid=${uid} gid=${uid} euid=${uid} suid=${uid} fsuid=${uid} egid=${uid} sgid=${uid} fsgid=${uid}`;
  const name = exe.slice(exe.lastIndexOf('/') + 1).slice(0, 15);
  return `type=SYSCALL ${stamp} arch=c000003e syscall=${number} success=yes exit=0 a0=55d2f0 a1=55d310 a2=55d330 a3=8 items=${items} ppid=${parent} pid=${pid} auid=${loginUid} ${ids} tty=(none) ses=${nobody} comm="${name}" exe="${exe}" subj=unconfined key="${key}"`;
}

const pathLine = (stamp: string, item: number, path: string, kind: string, inode: number): string =>
  `type=PATH ${stamp} item=${item} name=${value(path)} inode=${inode} dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=${kind} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`;

/** The daemon writes a text with blanks or marks in it in hexadecimal, and all others in quotation marks. */
const value = (text: string): string => (/^[!#-~]*$/.test(text) ? `"${text}"` : hex(text));
const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();

/** A `sockaddr_in`: family, port and address in the order of the network, and padding. */
function socketAddress(ip: string, port: number): string {
  const address = ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `0200${port.toString(16).padStart(4, '0')}${address.join('')}${'0'.repeat(16)}`.toUpperCase();
}
