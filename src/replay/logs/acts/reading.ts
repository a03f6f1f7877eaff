/**
 * 15 to 22 November: tickets and wiki pages are read, words are searched for, an account is made that looks like
 * an employee's, and then there is a pause with two short tests of the connection.
 */
import { accounts, type Page } from '../cast.ts';
import { soughtTickets } from '../cast-names.ts';
import { confluenceAuthor, pageViewed, searched } from '../formats/confluence-audit.ts';
import { addedToGroup, jiraAuthor, userCreated } from '../formats/jira-audit.ts';
import { moment } from '../stamps.ts';
import { type Story, spread } from './deed.ts';
import { enterGateway, jiraRequest } from './entering.ts';
import { counts, indicators, joinedGroups, schedule, searchWords } from './schedule.ts';

/** Asked for in Jira and not shown: a level of security hides them. */
export const refusedTickets = ['SEC-41301', 'SEC-41302'] as const;

export const whomCreated = { id: accounts.created.jiraId, name: accounts.created.login };

/** Pages that are read, in the order of their reading. */
export const pagesRead = (story: Pick<Story, 'cast'>): readonly Page[] =>
  story.cast.soughtPages.slice(0, counts.pages);

type Who = typeof accounts.smartsheet | typeof accounts.created;
interface Session {
  who: Who;
  from: number;
  to: number;
  tickets: [from: number, to: number];
  pages: [from: number, to: number];
  words: readonly string[];
}

const sessions: readonly Session[] = [
  {
    who: accounts.smartsheet,
    from: schedule.atlassianEntered + 60_000,
    to: moment('11-15 18:40'),
    tickets: [0, 9],
    pages: [0, 64],
    words: searchWords.slice(0, 3),
  },
  {
    who: accounts.smartsheet,
    from: moment('11-16 13:31'),
    to: moment('11-16 16:50'),
    tickets: [9, 21],
    pages: [64, 128],
    words: searchWords.slice(3, 5),
  },
  {
    who: accounts.created,
    from: moment('11-17 10:12'),
    to: schedule.pauseBegan,
    tickets: [21, 35],
    pages: [128, 184],
    words: searchWords.slice(5),
  },
  {
    who: accounts.created,
    from: moment('11-22 14:40'),
    to: moment('11-22 16:05'),
    tickets: [35, 36],
    pages: [184, 202],
    words: [],
  },
];

export function tellReading(story: Story): void {
  for (const session of sessions) {
    enterGateway(story, session.from - 20_000, 'gateway-entered');
    readTickets(story, session);
    readPages(story, session);
    search(story, session);
  }
  const at = moment('11-16 13:58');
  for (const [index, ticket] of refusedTickets.entries())
    story.tell(
      at + index * 7_000,
      'ticket-refused',
      'jira-access',
      jiraRequest(`/browse/${ticket}`, accounts.smartsheet.login, at, 404),
    );
  createAccount(story);
  pause(story);
}

function readTickets({ tell, dice }: Story, { who, from, to, tickets }: Session): void {
  const keys = soughtTickets.slice(...tickets);
  for (const [index, at] of spread(dice, from, to, keys.length).entries()) {
    const ticket = keys[index] ?? '';
    tell(at, 'ticket-read', 'jira-access', jiraRequest(`/browse/${ticket}`, who.login, at));
    // Some are looked at twice: 36 is a number of tickets, not of requests.
    if (dice.chance(0.3))
      tell(
        at + 9_000,
        'ticket-read',
        'jira-access',
        jiraRequest(`/rest/api/2/issue/${ticket}`, who.login, at),
      );
  }
}

function readPages(story: Story, { who, from, to, pages }: Session): void {
  const { tell, dice } = story;
  const chosen = pagesRead(story).slice(...pages);
  const by = { author: confluenceAuthor(who), ip: indicators.address };
  for (const [index, at] of spread(dice, from, to, chosen.length).entries()) {
    const page = chosen[index];
    if (!page) continue;
    tell(
      at,
      'page-read',
      'confluence-access',
      jiraRequest(`/pages/viewpage.action?pageId=${page.id}`, who.login, at),
    );
    tell(at + 15, 'page-read', 'confluence-audit', pageViewed(by, page));
  }
}

function search({ tell, dice }: Story, { who, from, to, words }: Session): void {
  const by = { author: confluenceAuthor(who), ip: indicators.address };
  for (const [index, at] of spread(dice, from, to, words.length).entries()) {
    const word = words[index] ?? '';
    const query = word.replaceAll(' ', '+');
    tell(
      at,
      'wiki-searched',
      'confluence-access',
      jiraRequest(`/dosearchsite.action?queryString=${query}`, who.login, at),
    );
    tell(at + 40, 'wiki-searched', 'confluence-audit', searched(by, word, 10 + dice.below(40)));
  }
}

function createAccount({ tell }: Story): void {
  const by = { author: jiraAuthor(accounts.smartsheet), ip: indicators.address };
  const at = schedule.accountCreated;
  const { login } = accounts.created;
  tell(
    at - 300,
    'account-created',
    'jira-access',
    jiraRequest('/secure/admin/user/AddUser.jspa', accounts.smartsheet.login, at, 200, 'POST'),
  );
  tell(
    at,
    'account-created',
    'jira-audit',
    userCreated(by, whomCreated, 'Julian Hartwell', `${login}@corp.example`),
  );
  for (const [index, group] of joinedGroups.entries())
    tell(at + 45_000 * (index + 1), 'group-joined', 'jira-audit', addedToGroup(by, whomCreated, group));
}

/** The last request before the pause stands at its very beginning, the first test at its end. */
function pause(story: Story): void {
  const request = (at: number, act: string, user: string) =>
    story.tell(at, act, 'jira-access', jiraRequest('/rest/api/2/myself', user, at));
  request(schedule.pauseBegan, 'pause-began', accounts.created.login);
  for (const at of [schedule.pauseEnded, moment('11-21 10:02:11')]) {
    request(at, 'connection-tested', accounts.smartsheet.login);
    request(at + 4_000, 'connection-tested', accounts.smartsheet.login);
  }
}
