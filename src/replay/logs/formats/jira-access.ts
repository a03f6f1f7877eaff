/**
 * Jira's access log, by the pattern that Jira's Tomcat comes with.
 * https://confluence.atlassian.com/adminjiraserver/log-format-940696477.html
 */
import { accounts, anyTicket } from '../cast.ts';
import { mixed } from '../rhythm.ts';
import { dayName, Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { sessionOf, type WebRequest } from './web-request.ts';
import { attendanceOf, diceOf, rotated, type World } from './world.ts';

const base = 'https://jira.corp.example';

export function jiraAccessLog(world: World): Log<WebRequest> {
  const dice = diceOf(world, 'jira-access');
  const stamps = new Stamps();
  const benign = usualRequests(world);
  let request = 0;
  return {
    id: 'jira-access',
    source: 'jira-access',
    host: 'atlassian-01',
    share: 0.15,
    rhythm: mixed(0.25),
    path: rotated(world, 7, (start) => `jira/atlassian-01/access_log.${dayName(start, '-')}`),
    benign,
    write: (one, at) =>
      `${one.ip} ${Math.floor((at % 86_400_000) / 60_000)}x${++request}x${1 + dice.below(9)} ${one.user} [${stamps.common(at)}] "${one.method} ${one.url} HTTP/1.1" ${one.status} ${one.bytes} ${one.milliseconds} "${one.referrer}" "${one.agent}" "${one.session}"`,
  };
}

/** People look at tickets; the backup job reads a great many at night; a scanner tries doors; some log in wrongly. */
function usualRequests(world: World): (at: number) => WebRequest {
  const dice = diceOf(world, 'jira-access:usual');
  const people = attendanceOf(world, dice);
  const one: WebRequest = {
    ip: '',
    user: '-',
    method: 'GET',
    url: '/',
    status: 200,
    bytes: 0,
    milliseconds: 0,
    referrer: '',
    agent: '',
    session: '-',
  };
  return (at) => {
    one.method = 'GET';
    one.status = 200;
    one.bytes = 300 + dice.below(40_000);
    one.milliseconds = 5 + dice.below(900);
    one.referrer = `${base}/secure/Dashboard.jspa`;
    const drawn = dice.unit();
    const ticket = anyTicket(dice);
    const hour = Math.floor(at / 3_600_000) % 24;
    if (drawn < (hour < 4 ? 0.7 : 0.02)) {
      machine(one, accounts.backupJob, 'jira-backup/2.4 (python-requests/2.31.0)', at);
      one.url = `/rest/api/2/issue/${ticket}?expand=changelog`;
      return one;
    }
    if (drawn > 0.994) {
      machine(one, accounts.scanner, 'Mozilla/5.0 (compatible; Nessus SOAP)', at);
      one.user = '-';
      one.status = 404;
      one.url = dice.pick([
        '/.git/config',
        '/login.action',
        '/s/../WEB-INF/web.xml',
        '/rest/api/2/mypermissions',
      ]);
      return one;
    }
    const person = people.at(at);
    one.ip = person.ip;
    one.user = person.login;
    one.agent = person.agent;
    one.session = sessionOf(person.login, at);
    if (drawn > 0.989) {
      one.user = '-';
      one.method = 'POST';
      one.url = '/login.jsp';
      one.status = 401;
    } else if (drawn < 0.35) one.url = `/browse/${ticket}`;
    else if (drawn < 0.5) one.url = `/rest/api/2/issue/${ticket}`;
    else if (drawn < 0.62) one.url = '/secure/Dashboard.jspa';
    else if (drawn < 0.7)
      one.url = `/issues/?jql=project%20%3D%20${ticket.split('-')[0]}%20ORDER%20BY%20updated`;
    else if (drawn < 0.9) one.url = `/rest/analytics/1.0/publish/bulk?_=${at}`;
    else {
      one.method = 'POST';
      one.url = `/rest/api/2/issue/${ticket}/comment`;
      one.status = 201;
    }
    return one;
  };
}

function machine(one: WebRequest, who: { login: string; ip: string }, agent: string, at: number): void {
  one.ip = who.ip;
  one.user = who.login;
  one.agent = agent;
  one.referrer = '';
  one.session = sessionOf(who.login, at);
}
