/**
 * auth.log of Linux hosts in the format of RFC 3164, which has no year. sshd, sudo and cron, as Debian and Ubuntu
 * write them.
 */
import { type Host, hosts } from '../cast.ts';
import { components } from '../cast-names.ts';
import type { Dice } from '../dice.ts';
import { mixed } from '../rhythm.ts';
import { Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { attendanceOf, diceOf, oneFile, type World } from './world.ts';

/** What follows the host: `sshd[1234]: Accepted publickey for ...`. */
export interface AuthEvent {
  program: string;
  pid: number;
  message: string;
}

const sharesByHost: Partial<Record<Host, number>> = {
  'bastion-01': 0.012,
  'atlassian-01': 0.006,
  'atlassian-02': 0.004,
  'build-01': 0.008,
  'core-db': 0.004,
  'console-gru-01': 0.002,
};

const authLogId = (host: Host): string => `auth:${host}`;

export function authLogs(world: World): Log<AuthEvent>[] {
  return (Object.keys(sharesByHost) as Host[]).map((host) => authLog(world, host, sharesByHost[host] ?? 0));
}

function authLog(world: World, host: Host, share: number): Log<AuthEvent> {
  const dice = diceOf(world, authLogId(host));
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: authLogId(host),
    source: 'linux-auth',
    share,
    rhythm: mixed(host === 'console-gru-01' ? 1 : 0.4),
    path: oneFile(`linux/${host}/auth.log`),
    benign: (at) =>
      dice.chance(0.5) || host === 'console-gru-01' ? machineEvent(dice) : humanEvent(dice, people.at(at)),
    write: ({ program, pid, message }, at) => `${stamps.syslog(at)} ${host} ${program}[${pid}]: ${message}`,
  };
}

const keyOf = (login: string): string =>
  Buffer.from(login.padEnd(32, '#')).toString('base64').slice(0, 43).replaceAll('=', 'A');

function machineEvent(dice: Dice): AuthEvent {
  const pid = 1_000 + dice.below(60_000);
  const drawn = dice.unit();
  if (drawn < 0.45)
    return {
      program: 'CRON',
      pid,
      message: 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)',
    };
  if (drawn < 0.9)
    return { program: 'CRON', pid, message: 'pam_unix(cron:session): session closed for user root' };
  // Monitoring opens a connection and lets go of it.
  return {
    program: 'sshd',
    pid,
    message: `Connection closed by 10.20.9.5 port ${30_000 + dice.below(30_000)} [preauth]`,
  };
}

function humanEvent(dice: Dice, person: { login: string }): AuthEvent {
  const pid = 1_000 + dice.below(60_000);
  const port = 30_000 + dice.below(30_000);
  const from = `${hosts['bastion-01']} port ${port}`;
  const drawn = dice.unit();
  if (drawn < 0.3)
    return {
      program: 'sshd',
      pid,
      message: `Accepted publickey for ${person.login} from ${from} ssh2: ED25519 SHA256:${keyOf(person.login)}`,
    };
  if (drawn < 0.5)
    return {
      program: 'sshd',
      pid,
      message: `pam_unix(sshd:session): session opened for user ${person.login}(uid=${2_000 + dice.below(900)}) by (uid=0)`,
    };
  if (drawn < 0.7)
    return {
      program: 'sshd',
      pid,
      message: `pam_unix(sshd:session): session closed for user ${person.login}`,
    };
  if (drawn < 0.8)
    return { program: 'sshd', pid, message: `Failed password for ${person.login} from ${from} ssh2` };
  if (drawn < 0.84)
    return { program: 'sshd', pid, message: `Invalid user ${dice.pick(components)} from ${from}` };
  return {
    program: 'sudo',
    pid,
    message: `${person.login} : TTY=pts/${dice.below(8)} ; PWD=/home/${person.login} ; USER=root ; COMMAND=/usr/bin/systemctl status ${dice.pick(components)}`,
  };
}
