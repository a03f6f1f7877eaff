/**
 * Who and what there is in the practice company: people, service accounts, hosts, tickets, pages, repositories.
 * One cast for all logs, so that the same person has the same address and browser in each of them.
 */
import {
  browsers,
  components,
  firstNames,
  infrastructureProjects,
  issueProjects,
  lastNames,
  offices,
  pageTopics,
  repositoryKinds,
  soughtKinds,
  soughtTopics,
} from './cast-names.ts';
import { Dice } from './dice.ts';

export interface Person {
  login: string;
  name: string;
  email: string;
  /** Ids in Okta, Jira, Confluence and Bitbucket. */
  oktaId: string;
  jiraId: string;
  confluenceId: string;
  bitbucketId: number;
  ip: string;
  country: string;
  agent: string;
  device: string;
  /** In the gateway. */
  gatewayId: string;
  office: number;
}

export interface Repository {
  /** In Bitbucket, from 1. */
  id: number;
  project: string;
  projectId: number;
  slug: string;
}

export interface Page {
  id: string;
  title: string;
}

export const domain = 'corp.example';
export const totals = { issues: 2_059_357, pages: 14_099, repositories: 11_904 } as const;

/** Addresses within the company; the world outside has documentation addresses only, apart from the intruder. */
export const hosts = {
  'atlassian-01': '10.20.4.11',
  'atlassian-02': '10.20.4.12',
  'bastion-01': '10.20.0.5',
  'build-01': '10.20.8.21',
  'build-02': '10.20.8.22',
  'core-db': '10.20.6.10',
  'console-gru-01': '10.99.1.7',
  'www-01': '10.20.2.31',
  'www-02': '10.20.2.32',
  'status-01': '10.20.2.40',
  'vault-01': '10.20.5.15',
} as const;
export type Host = keyof typeof hosts;

/** The four that were not rotated, by the names that the estate's inventory has for them. */
export const credentials = {
  moveworks: 'moveworks-service-token',
  smartsheet: 'smartsheet_svc',
  bitbucket: 'bitbucket_svc',
  aws: 'aws_apps_svc',
} as const;

/** Accounts of machines and of the people who look after them. */
const staff = {
  /** Creates accounts and groups, and runs ScriptRunner jobs: the right to do so is his. */
  administrator: 'atl.admin',
  /** Disables accounts during the response. */
  responder: 'soc.lead',
  ciRobot: 'ci_robot',
  backupJob: 'jira_backup',
  scanner: 'vuln_scanner',
  /** Runs a hand-made release from source archives now and then. */
  releaser: 'release.eng',
} as const;

/** Ids in Jira, Confluence and Bitbucket, and where each usually comes from. */
export const accounts = {
  administrator: account(staff.administrator, 1, '192.0.2.18'),
  responder: account(staff.responder, 2, '192.0.2.44'),
  releaser: account(staff.releaser, 3, '192.0.2.61'),
  ciRobot: account(staff.ciRobot, 20, hosts['build-01']),
  backupJob: account(staff.backupJob, 21, '10.20.9.9'),
  scanner: account(staff.scanner, 22, '10.20.9.77'),
  smartsheet: account(credentials.smartsheet, 42, '203.0.113.77'),
  bitbucket: account(credentials.bitbucket, 43, '10.20.8.40'),
  /** The one that the intruder creates. Nobody of that name works here. */
  created: account('julian.hartwell', 1_873, ''),
} as const;

export interface Account {
  login: string;
  jiraId: string;
  confluenceId: string;
  bitbucketId: number;
  ip: string;
}

function account(login: string, serial: number, ip: string): Account {
  return {
    login,
    jiraId: `JIRAUSER${10_000 + serial}`,
    confluenceId: `2c9580827d4a06e8017d4a07c3e1${serial.toString(16).padStart(4, '0')}`,
    bitbucketId: serial,
    ip,
  };
}

export interface Cast {
  people: readonly Person[];
  repositories: readonly Repository[];
  pages: readonly Page[];
  /** Indices of repositories and pages that the intruder would look for. */
  soughtRepositories: readonly Repository[];
  soughtPages: readonly Page[];
}

export function makeCast(seed: string): Cast {
  const dice = new Dice(`${seed}:cast`);
  const repositories = makeRepositories();
  const pages = makePages();
  const soughtCount = soughtTopics.length * soughtKinds.length;
  return {
    people: makePeople(dice),
    repositories,
    pages,
    soughtRepositories: repositories.filter(({ project }) =>
      infrastructureProjects.some(({ key }) => key === project),
    ),
    soughtPages: pages.slice(0, soughtCount),
  };
}

const peopleCount = 1_100;

function makePeople(dice: Dice): Person[] {
  return Array.from({ length: peopleCount }, (_, index) => {
    const first = firstNames[index % firstNames.length] ?? '';
    const last = lastNames[Math.floor(index / firstNames.length) % lastNames.length] ?? '';
    const login = `${first}.${last}`.toLowerCase();
    const office = officeAt(index / peopleCount);
    return {
      login,
      name: `${first} ${last}`,
      email: `${login}@${domain}`,
      oktaId: `00u${dice.code(17, 'abcdefghijklmnopqrstuvwxyz0123456789')}`,
      jiraId: `JIRAUSER${10_100 + index}`,
      confluenceId: dice.hex32(),
      bitbucketId: 101 + index,
      ip: homeAddress(dice, office, index),
      country: offices[office]?.country ?? '',
      agent: dice.pick(browsers),
      device: `${first.toLowerCase()}-${dice.hex8().slice(0, 4)}`,
      gatewayId: dice.uuid(),
      office,
    };
  });
}

/** People are dealt to the offices in the order of their numbers, by the offices' shares. */
function officeAt(part: number): number {
  let sum = 0;
  const found = offices.findIndex(({ share }) => {
    sum += share;
    return part < sum;
  });
  return found < 0 ? offices.length - 1 : found;
}

/** Most come out of the office's network; one in eight is at home with IPv6. */
function homeAddress(dice: Dice, office: number, index: number): string {
  if (index % 8 === 7) return `2001:db8:${(0x1000 + index).toString(16)}::${dice.hex8().slice(4)}`;
  return `${offices[office]?.network ?? '192.0.2'}.${2 + dice.below(120)}`;
}

function makeRepositories(): Repository[] {
  const names: { project: string; slug: string }[] = [];
  for (const { key, stems } of infrastructureProjects)
    for (const stem of stems)
      for (let region = 1; region <= 8; region++)
        names.push({ project: key, slug: region === 1 ? stem : `${stem}-${region}` });
  for (let round = 1; names.length < totals.repositories; round++)
    for (const component of components)
      for (const kind of repositoryKinds)
        if (names.length < totals.repositories)
          names.push({ project: projectOf(component), slug: `${component}-${kind}-${round}` });
  const projects = [...new Set(names.map(({ project }) => project))];
  return names.map((name, index) => ({
    ...name,
    id: index + 1,
    projectId: projects.indexOf(name.project) + 1,
  }));
}

const projectOf = (component: string): string => component.slice(0, 4).toUpperCase();

/** Those that are sought come first; ids have holes, as pages are deleted. */
function makePages(): Page[] {
  const titles = soughtTopics.flatMap((topic) => soughtKinds.map((kind) => `${topic}: ${kind}`));
  for (let serial = 1; titles.length < totals.pages; serial++)
    titles.push(
      `${pageTopics[serial % pageTopics.length]} ${components[serial % components.length]} ${serial}`,
    );
  return titles.map((title, index) => ({ id: String(1_310_721 + index * 7), title }));
}

/** A ticket among all of them, more often a recent one of its project. */
export function anyTicket(dice: Dice): string {
  let at = dice.below(totals.issues);
  for (const { key, issues } of issueProjects) {
    if (at < issues) return `${key}-${issues - Math.floor(dice.unit() * dice.unit() * issues)}`;
    at -= issues;
  }
  return 'OPS-1';
}
