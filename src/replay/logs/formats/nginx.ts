/** nginx access logs of the public web servers, in its combined format. */
import type { Host } from '../cast.ts';
import { browsers } from '../cast-names.ts';
import type { Dice } from '../dice.ts';
import { mixed } from '../rhythm.ts';
import { dayName, Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import type { WebRequest } from './web-request.ts';
import { diceOf, rotated, type World } from './world.ts';

const servers: readonly [host: Host, share: number][] = [
  ['www-01', 0.055],
  ['www-02', 0.055],
  ['status-01', 0.02],
];

const nginxLogId = (host: Host): string => `nginx:${host}`;

export const nginxLogs = (world: World): Log<WebRequest>[] =>
  servers.map(([host, share]) => nginxLog(world, host, share));

function nginxLog(world: World, host: Host, share: number): Log<WebRequest> {
  const dice = diceOf(world, nginxLogId(host));
  const stamps = new Stamps();
  return {
    id: nginxLogId(host),
    source: 'nginx-access',
    host,
    share,
    rhythm: mixed(0.5),
    path: rotated(world, 7, (start) => `nginx/${host}/access.log-${dayName(start)}`),
    benign: () => (dice.chance(0.03) ? scan(dice) : visit(dice)),
    write: (one, at) =>
      `${one.ip} - ${one.user} [${stamps.common(at)}] "${one.method} ${one.url} HTTP/1.1" ${one.status} ${one.bytes} "${one.referrer === '' ? '-' : one.referrer}" "${one.agent}"`,
  };
}

const pages = [
  '/',
  '/pricing',
  '/docs/',
  '/blog/',
  '/assets/app.js',
  '/assets/site.css',
  '/favicon.ico',
  '/api/status',
];

function visit(dice: Dice): WebRequest {
  return request(dice, dice.pick(pages), dice.chance(0.02) ? 404 : 200, dice.pick(browsers));
}

/** The background noise of every public server. */
function scan(dice: Dice): WebRequest {
  const url = dice.pick([
    '/.env',
    '/wp-login.php',
    '/.git/config',
    '/cgi-bin/luci',
    '/actuator/health',
    '/phpinfo.php',
  ]);
  return request(
    dice,
    url,
    404,
    dice.pick(['Mozilla/5.0 zgrab/0.x', 'masscan/1.3', 'curl/7.68.0', browsers[0]]),
  );
}

function request(dice: Dice, url: string, status: number, agent: string): WebRequest {
  const ip = dice.chance(0.15)
    ? `2001:db8:${dice.hex8().slice(4)}::${dice.hex8().slice(4)}`
    : `${dice.pick(['192.0.2', '198.51.100', '203.0.113'])}.${1 + dice.below(254)}`;
  return {
    ip,
    user: '-',
    method: 'GET',
    url,
    status,
    bytes: 200 + dice.below(30_000),
    milliseconds: 0,
    referrer: dice.chance(0.4) ? 'https://www.corp.example/' : '',
    agent,
    session: '',
  };
}
