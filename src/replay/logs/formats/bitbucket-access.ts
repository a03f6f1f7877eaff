/**
 * Bitbucket's access log: a line when a request comes in (`i`) and one when it goes out (`o`), fields between bars.
 * https://confluence.atlassian.com/bitbucketserverkb/how-to-read-the-bitbucket-server-log-formats-779171668.html
 */
import { accounts, type Repository } from '../cast.ts';
import type { Dice } from '../dice.ts';
import { mixed } from '../rhythm.ts';
import { dayName, Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { sessionOf } from './web-request.ts';
import { attendanceOf, diceOf, rotated, type World } from './world.ts';

export interface BitbucketRequest {
  ip: string;
  protocol: 'https' | 'ssh';
  user: string;
  /** `"GET /dashboard HTTP/1.1"` with its quotation marks, or `SSH - git-upload-pack '/net/backbone.git'`. */
  action: string;
  /** Referrer and user agent in quotation marks; the client's version for SSH. */
  details: string;
  /** HTTP status, or the exit code of the git process. */
  status: number;
  bytesRead: number;
  bytesWritten: number;
  /** What kind of transfer it was: `clone`, `fetch`, `refs`, `archive`, `cache:hit` ... */
  labels: string;
  milliseconds: number;
  session: string;
}

const sshClient = '"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.4"';
const path = (repository: Repository): string =>
  `/${repository.project.toLowerCase()}/${repository.slug}.git`;

/** A git command over SSH. */
export const overSsh = (
  who: { login: string; ip: string },
  command: 'git-upload-pack' | 'git-upload-archive' | 'git-receive-pack',
  repository: Repository,
  labels: string,
  bytesWritten: number,
): BitbucketRequest => ({
  ip: who.ip,
  protocol: 'ssh',
  user: who.login,
  action: `SSH - ${command} '${path(repository)}'`,
  details: sshClient,
  status: 0,
  bytesRead: 180,
  bytesWritten,
  labels,
  milliseconds: 40 + Math.floor(bytesWritten / 50_000),
  session: sessionOf(`${who.login}${repository.slug}`, 0),
});

export const overHttps = (
  who: { login: string; ip: string; agent: string },
  url: string,
  at: number,
  status = 200,
): BitbucketRequest => ({
  ip: who.ip,
  protocol: 'https',
  user: who.login,
  action: `"GET ${url} HTTP/1.1"`,
  details: `"https://bitbucket.corp.example/dashboard" "${who.agent}"`,
  status,
  bytesRead: 0,
  bytesWritten: 12_000 + (at % 9_000),
  labels: '-',
  milliseconds: 20 + (at % 300),
  session: sessionOf(who.login, at),
});

export const browse = (repository: Repository): string =>
  `/projects/${repository.project}/repos/${repository.slug}/browse`;

export function bitbucketAccessLog(world: World): Log<BitbucketRequest> {
  const dice = diceOf(world, 'bitbucket-access');
  const node = diceOf(world, 'bitbucket-access:node').code(7, 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789');
  const stamps = new Stamps();
  let requests = 0;
  return {
    id: 'bitbucket-access',
    source: 'bitbucket-access',
    host: 'bitbucket-01',
    share: 0.12,
    recordsPerEvent: 2,
    rhythm: mixed(0.5),
    path: rotated(
      world,
      7,
      (start) => `bitbucket/bitbucket-01/atlassian-bitbucket-access-${dayName(start, '-')}.log`,
    ),
    benign: usualRequests(world),
    write: (one, at) => {
      const id = `${node}x${Math.floor((at % 86_400_000) / 60_000)}x${++requests}x${dice.below(6)}`;
      const time = stamps.spaced(at, ',');
      // The second line carries the time at which it is written; it keeps the first one's here, so that lines stay in order.
      const out = `${one.status} | ${one.bytesRead} | ${one.bytesWritten} | ${one.labels} | ${one.milliseconds} | ${one.session} |`;
      const head = `${one.user} | ${time} | ${one.action} | ${one.details}`;
      return [
        `${one.ip} | ${one.protocol} | i@${id} | ${head} | - | - | - | - | - | ${one.session} |`,
        `${one.ip} | ${one.protocol} | o@${id} | ${head} | ${out}`,
      ];
    },
  };
}

/** The build robots fetch and clone all day, hundreds of repositories; people browse, fetch and push. */
function usualRequests(world: World): (at: number) => BitbucketRequest {
  const dice = diceOf(world, 'bitbucket-access:usual');
  const people = attendanceOf(world, dice);
  return (at) => {
    const repository = dice.pick(world.cast.repositories);
    const drawn = dice.unit();
    if (drawn < 0.5) return robot(dice, repository);
    const person = people.at(at);
    const who = { login: person.login, ip: person.ip };
    if (drawn < 0.62)
      return overSsh(who, 'git-upload-pack', repository, 'refs, fetch, protocol:2', dice.below(900_000));
    if (drawn < 0.65) return overSsh(who, 'git-receive-pack', repository, 'push', 400 + dice.below(3_000));
    const url = drawn < 0.9 ? browse(repository) : '/dashboard';
    return overHttps({ ...who, agent: person.agent }, url, at, drawn > 0.895 && drawn < 0.9 ? 404 : 200);
  };
}

function robot(dice: Dice, repository: Repository): BitbucketRequest {
  const clones = dice.chance(0.25);
  const labels = clones ? 'cache:hit, clone, protocol:2' : 'cache:hit, refs, protocol:2';
  return overSsh(
    accounts.ciRobot,
    'git-upload-pack',
    repository,
    labels,
    clones ? 50_000 + dice.below(9_000_000) : 4_000,
  );
}
