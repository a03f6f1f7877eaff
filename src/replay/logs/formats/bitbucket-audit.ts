/** Bitbucket's audit file. https://confluence.atlassian.com/bitbucketserver/audit-log-events-776640423.html */
import type { Account, Person, Repository } from '../cast.ts';
import { officeHours } from '../rhythm.ts';
import { dayName } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { type AuditEvent, auditLine } from './atlassian-audit.ts';
import { attendanceOf, diceOf, rotated, type World } from './world.ts';

const system = 'https://bitbucket.corp.example';

export const bitbucketAuthor = (one: Account | Person): AuditEvent['author'] => ({
  id: String(one.bitbucketId),
  name: one.login,
  type: 'NORMAL',
});

type By = { author: AuditEvent['author']; ip: string };
const target = (value: string) => ({
  name: 'target',
  i18n: 'bitbucket.audit.attribute.legacy.target',
  value,
});

export const repositoryAccessed = (by: By, repository: Repository): AuditEvent => ({
  action: 'Repository accessed by user',
  key: 'bitbucket.service.repository.audit.action.repositoryaccessed',
  area: 'END_USER_ACTIVITY',
  category: 'Repositories',
  categoryKey: 'bitbucket.service.audit.category.repositories',
  level: 'BASE',
  ...by,
  objects: [
    { id: String(repository.projectId), name: repository.project, type: 'PROJECT' },
    { id: String(repository.id), name: repository.slug, type: 'REPOSITORY' },
  ],
  extra: [target(`${repository.project}/${repository.slug}`)],
});

const loggedIn = (by: By, failed = false): AuditEvent => ({
  action: failed ? 'User login failed' : 'User logged in',
  key: `bitbucket.service.user.audit.action.authentication${failed ? 'failure' : 'success'}`,
  area: 'SECURITY',
  category: 'Authentication',
  categoryKey: 'bitbucket.service.audit.category.authentication',
  level: failed ? 'ADVANCED' : 'FULL',
  ...by,
  objects: [],
  extra: [
    {
      name: 'Authentication method',
      i18n: 'bitbucket.service.user.audit.attribute.authentication.authmethod',
      value: 'basic',
    },
    target(by.author.name),
  ],
});

export function bitbucketAuditLog(world: World): Log<AuditEvent> {
  const dice = diceOf(world, 'bitbucket-audit');
  const people = attendanceOf(world, dice);
  return {
    id: 'bitbucket-audit',
    source: 'bitbucket-audit',
    share: 0.03,
    rhythm: officeHours,
    path: rotated(world, 14, (start) => `bitbucket/audit/${dayName(start)}.00000.audit.log`),
    benign: (at) => {
      const person = people.at(at);
      const by = { author: bitbucketAuthor(person), ip: person.ip };
      if (dice.chance(0.2)) return loggedIn(by, dice.chance(0.05));
      return repositoryAccessed(by, dice.pick(world.cast.repositories));
    },
    write: (event, at) => auditLine(system, event, at),
  };
}
