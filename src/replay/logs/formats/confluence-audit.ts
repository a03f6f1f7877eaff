/**
 * Confluence's audit file with end-user activity at its highest level, so that each page that is viewed is in
 * it. https://confluence.atlassian.com/doc/audit-log-events-in-confluence-990546675.html
 */
import type { Account, Page, Person } from '../cast.ts';
import { pageTopics } from '../cast-names.ts';
import { officeHours } from '../rhythm.ts';
import { dayName } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { type AuditEvent, auditLine } from './atlassian-audit.ts';
import { attendanceOf, diceOf, rotated, type World } from './world.ts';

const system = 'https://wiki.corp.example';

export const confluenceAuthor = (one: Account | Person): AuditEvent['author'] => ({
  id: one.confluenceId,
  name: one.login,
  type: 'user',
});

type By = { author: AuditEvent['author']; ip: string };
const endUser = { area: 'END_USER_ACTIVITY', level: 'FULL' } as const;

export const pageViewed = (by: By, page: Page): AuditEvent => ({
  action: 'Page viewed',
  key: 'audit.logging.summary.page.viewed',
  category: 'Pages',
  categoryKey: 'audit.logging.category.page',
  ...endUser,
  ...by,
  objects: [{ id: page.id, name: page.title, type: 'Page' }],
});

export const searched = (by: By, words: string, results: number): AuditEvent => ({
  action: 'Search performed',
  key: 'audit.logging.summary.search.performed',
  category: 'Search',
  categoryKey: 'audit.logging.category.search',
  ...endUser,
  ...by,
  objects: [],
  extra: [
    { name: 'Query', i18n: 'audit.logging.extra.attribute.query', value: words },
    { name: 'Results returned', i18n: 'audit.logging.extra.attribute.results', value: String(results) },
  ],
});

const pageUpdated = (by: By, page: Page): AuditEvent => ({
  ...pageViewed(by, page),
  action: 'Page updated',
  key: 'audit.logging.summary.page.updated',
});

/** People look for such words too. */
const usualWords = [
  ...pageTopics.map((topic) => topic.toLowerCase()),
  'token',
  'vpn',
  'password reset',
  'holiday',
];

export function confluenceAuditLog(world: World): Log<AuditEvent> {
  const dice = diceOf(world, 'confluence-audit');
  const people = attendanceOf(world, dice);
  return {
    id: 'confluence-audit',
    source: 'confluence-audit',
    share: 0.04,
    rhythm: officeHours,
    path: rotated(world, 14, (start) => `confluence/audit/${dayName(start)}.00000.audit.log`),
    benign: (at) => {
      const person = people.at(at);
      const by = { author: confluenceAuthor(person), ip: person.ip };
      const drawn = dice.unit();
      if (drawn < 0.08) return searched(by, dice.pick(usualWords), dice.below(60));
      const page = dice.pick(world.cast.pages);
      return drawn < 0.16 ? pageUpdated(by, page) : pageViewed(by, page);
    },
    write: (event, at) => auditLine(system, event, at),
  };
}
