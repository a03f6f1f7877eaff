/** Jira's audit file: what is done to accounts, groups, permissions, projects, and by ScriptRunner. */
import { type Account, accounts, type Person } from '../cast.ts';
import { components, issueProjects } from '../cast-names.ts';
import type { Dice } from '../dice.ts';
import { officeHours } from '../rhythm.ts';
import { dayName } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { type AuditEvent, auditLine } from './atlassian-audit.ts';
import { attendanceOf, diceOf, rotated, type World } from './world.ts';

const system = 'https://jira.corp.example';

/** Jira names authors by a number, and the same user as an object by JIRAUSER and that number. */
export const jiraAuthor = (one: Account | Person): AuditEvent['author'] => ({
  id: one.jiraId.replace('JIRAUSER', ''),
  name: one.login,
  type: 'ApplicationUser',
});

const users = { category: 'user management', categoryKey: 'jira.auditing.category.usermanagement' };
const groups = { category: 'group management', categoryKey: 'jira.auditing.category.groupmanagement' };

type By = { author: AuditEvent['author']; ip: string };
interface Whom {
  id: string;
  name: string;
}

export const userCreated = (by: By, whom: Whom, fullName: string, email: string): AuditEvent => ({
  action: 'User created',
  key: 'jira.auditing.user.created',
  ...users,
  area: 'USER_MANAGEMENT',
  level: 'BASE',
  ...by,
  objects: [{ ...whom, type: 'USER' }],
  changes: [
    { key: 'Username', i18n: 'common.words.username', to: whom.name },
    { key: 'Full name', i18n: 'common.words.fullname', to: fullName },
    { key: 'Email', i18n: 'common.words.email', to: email },
    { key: 'Active / Inactive', i18n: 'admin.common.phrases.active.inactive', to: 'Active' },
  ],
});

export const addedToGroup = (by: By, whom: Whom, group: string): AuditEvent => ({
  action: 'User added to group',
  key: 'jira.auditing.user.added.to.group',
  ...groups,
  area: 'USER_MANAGEMENT',
  level: 'BASE',
  ...by,
  objects: [
    { name: group, type: 'GROUP' },
    { ...whom, type: 'USER' },
  ],
});

export const userDisabled = (by: By, whom: Whom): AuditEvent => ({
  ...userUpdated(by, whom),
  changes: [
    {
      key: 'Active / Inactive',
      i18n: 'admin.common.phrases.active.inactive',
      from: 'Active',
      to: 'Inactive',
    },
  ],
});

const userUpdated = (by: By, whom: Whom): AuditEvent => ({
  action: "User's details updated",
  key: 'jira.auditing.user.updated',
  ...users,
  area: 'USER_MANAGEMENT',
  level: 'BASE',
  ...by,
  objects: [{ ...whom, type: 'USER' }],
});

/** ScriptRunner reports runs of its console to the audit log of the product. https://docs.adaptavist.com/sr4js/ */
export const scriptRun = (by: By, script: string): AuditEvent => ({
  action: 'ScriptRunner: script console executed',
  key: 'com.onresolve.scriptrunner.audit.scriptconsole.executed',
  category: 'ScriptRunner',
  categoryKey: 'com.onresolve.scriptrunner.audit.category',
  area: 'ECOSYSTEM',
  level: 'BASE',
  ...by,
  objects: [{ name: 'Script console', type: 'SCRIPT' }],
  extra: [{ name: 'Script', i18n: 'com.onresolve.scriptrunner.audit.attribute.script', value: script }],
});

const directorySync = { author: { id: '-1', name: 'System', type: 'system' }, ip: '' };
const teamGroups = [
  'jira-software-users',
  'confluence-users',
  'stash-users',
  'oncall',
  'data-readers',
  'contractors',
];

export function jiraAuditLog(world: World): Log<AuditEvent> {
  const dice = diceOf(world, 'jira-audit');
  const people = attendanceOf(world, dice);
  const administrator = { author: jiraAuthor(accounts.administrator), ip: accounts.administrator.ip };
  let hired = 0;
  return {
    id: 'jira-audit',
    source: 'jira-audit',
    share: 0.008,
    rhythm: officeHours,
    path: rotated(world, 14, (start) => `jira/audit/${dayName(start)}.00000.audit.log`),
    benign: (at) => {
      const person = people.at(at);
      const whom = { id: person.jiraId, name: person.login };
      const drawn = dice.unit();
      if (drawn < 0.5) return { ...userUpdated(directorySync, whom), method: 'System' };
      if (drawn < 0.85) return projectChange(dice, person);
      if (drawn < 0.97) return addedToGroup(administrator, whom, dice.pick(teamGroups));
      if (drawn < 0.995) return hire(administrator, ++hired);
      return scriptRun(administrator, `reindexProject("${dice.pick(issueProjects).key}")`);
    },
    write: (event, at) => auditLine(system, event, at),
  };
}

/** Accounts that the administrator makes are as usual as they are in a growing company. */
function hire(by: By, serial: number): AuditEvent {
  const name = `contractor.${components[serial % components.length]}${serial}`;
  const whom = { id: `JIRAUSER${12_000 + serial}`, name };
  return userCreated(by, whom, `Contractor ${serial}`, `${name}@corp.example`);
}

function projectChange(dice: Dice, person: Person): AuditEvent {
  const project = dice.pick(issueProjects).key;
  return {
    action: 'Project roles changed',
    key: 'jira.auditing.project.roles.changed',
    category: 'projects',
    categoryKey: 'jira.auditing.category.projects',
    area: 'PERMISSIONS',
    level: 'BASE',
    author: jiraAuthor(person),
    ip: person.ip,
    objects: [{ id: String(10_000 + project.length), name: project, type: 'PROJECT' }],
    changes: [{ key: 'Users', i18n: 'admin.common.words.users', from: '', to: person.login }],
  };
}
