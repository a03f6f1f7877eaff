/**
 * Confluence's access log, by its own pattern: no quotation marks, so a user agent has the rest of the line.
 * https://confluence.atlassian.com/doc/configure-access-logs-1044780567.html
 */
import { mixed } from '../rhythm.ts';
import { dayName, Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { sessionOf, type WebRequest } from './web-request.ts';
import { attendanceOf, diceOf, rotated, type World } from './world.ts';

const base = 'https://wiki.corp.example';

export function confluenceAccessLog(world: World): Log<WebRequest> {
  const dice = diceOf(world, 'confluence-access');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: 'confluence-access',
    source: 'confluence-access',
    host: 'atlassian-02',
    share: 0.1,
    rhythm: mixed(0.1),
    path: rotated(world, 7, (start) => `confluence/atlassian-02/conf_access_log.${dayName(start, '-')}.log`),
    benign: (at) => {
      const person = people.at(at);
      const page = dice.pick(world.cast.pages);
      const drawn = dice.unit();
      return {
        ip: person.ip,
        user: person.login,
        method: 'GET',
        url:
          drawn < 0.55
            ? `/pages/viewpage.action?pageId=${page.id}`
            : drawn < 0.6
              ? `/dosearchsite.action?queryString=${encodeURIComponent(page.title.split(' ')[0] ?? '')}`
              : drawn < 0.75
                ? '/index.action'
                : `/rest/quickreload/latest/${page.id}?since=${at}&_=${at}`,
        status: drawn > 0.99 ? 404 : 200,
        bytes: 400 + dice.below(60_000),
        milliseconds: 8 + dice.below(700),
        referrer: `${base}/index.action`,
        agent: person.agent,
        session: sessionOf(person.login, at),
      };
    },
    write: (one, at) =>
      `[${stamps.common(at)}] ${one.user} http-nio-8090-exec-${1 + dice.below(40)} ${one.ip} ${one.method} ${one.url} HTTP/1.1 ${one.status} ${one.milliseconds}ms ${one.bytes} ${one.referrer === '' ? '-' : one.referrer} ${one.agent}`,
  };
}
