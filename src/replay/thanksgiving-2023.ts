/**
 * The response of October 2023 as it should have gone: every exposed credential, also the four that nobody
 * seemed to use. Facts: blog.cloudflare.com/thanksgiving-2023-security-incident/.
 */
import { join } from 'node:path';
import type { Estate } from './estate/index.ts';
import type { LogEstate } from './logs/index.ts';

/** Asks Firebreak, as `--json` does, without showing it: a responder who reads a list and types its ids. */
export type Ask = (argv: string[]) => Promise<unknown>;

export interface Step {
  /** What a responder thinks when typing it. */
  why: string;
  /** What is typed; several lines where the ids come from a list. */
  argv: string[] | ((ask: Ask) => Promise<string[][]>);
}

export function thanksgiving2023(estate: Estate): Step[] {
  const file = (name: string) => join(estate.folder, name);
  return [
    { why: 'What exists? Ask the systems themselves.', argv: ['inventory', 'discover'] },
    {
      why: 'And what does our own asset list know that they do not?',
      argv: ['inventory', 'import', estate.assetList, '--source', 'asset-list'],
    },
    {
      why: 'Okta says that its support system was breached.',
      argv: ['incident', 'open', '--advisory', 'okta-2023-10'],
    },
    {
      why: 'We had uploaded browser recordings to support cases. What is in them?',
      argv: ['exposure', 'scan', estate.supportCases],
    },
    {
      why: 'Where in doubt, the worst is assumed.',
      argv: [
        'exposure',
        'match',
        '--precaution',
        'environment=production',
        '--reason',
        'a leaked session could read production secrets; in doubt, assume the worst',
      ],
    },
    {
      why: 'Nobody uses these four, it is said. That closes nothing.',
      argv: ['exposure', 'list', '--claimed-unused'],
    },
    { why: 'Where do we stand?', argv: ['incident', 'census'] },
    { why: 'Plan it all.', argv: ['rotate', 'plan'] },
    {
      why: 'Somebody else reads the plan and signs it.',
      argv: ['rotate', 'approve', '--approver', 'second responder'],
    },
    { why: 'Go.', argv: ['rotate', 'apply'] },
    { why: 'Is every door shut?', argv: ['incident', 'census'] },
    { why: 'Show me one of the four.', argv: ['rotate', 'prove', 'core-db/password/smartsheet_svc'] },
    ...huntSteps(estate),
    ...fleetSteps(),
    ...doubtSteps,
    ...closingSteps(file),
  ];
}

/** What the logs can't show stays in doubt; it holds the incident open until somebody signs for it. */
const doubtSteps: Step[] = [
  { why: 'What did nobody begin, and what could the hunts not answer?', argv: ['incident', 'questions'] },
  {
    why: 'No log will come that fills these gaps. Somebody answers for that, and not for ever.',
    argv: async (ask) => {
      const ids = doubtsOf(await ask(['incident', 'questions']));
      const reason = 'no further log of that time is kept; what the others show speaks against it';
      const signed = ['--approver', 'second responder', '--until', dayFromNow(60)];
      return ids.length > 0 ? [['incident', 'except', ...ids, '--reason', reason, ...signed]] : [];
    },
  },
];

/** The doubts that are open. What was not begun is begun, not signed away. */
function doubtsOf(list: unknown): string[] {
  const { questions = [] } = list as { questions?: { id: string; kind: string; state: string }[] };
  return questions.filter(({ kind, state }) => kind === 'doubt' && state === 'open').map(({ id }) => id);
}

/** Count once more, and write down what others can check. */
function closingSteps(file: (name: string) => string): Step[] {
  return [
    { why: 'Is everything accounted for?', argv: ['incident', 'census'] },
    {
      why: 'The evidence, for somebody who does not trust us.',
      argv: ['evidence', 'export', file('evidence.txt')],
    },
    {
      why: 'Check it as they would, without the database.',
      argv: ['evidence', 'verify', file('evidence.txt')],
    },
    { why: 'The report.', argv: ['report', 'render', '--format', 'html', '--out', file('report.html')] },
    { why: 'What is left to do?', argv: ['incident', 'next'] },
  ];
}

/** From the leak to the day on which others began to look, too. */
const period = ['--from', '2023-10-18', '--to', '2023-11-26'];

/** The credentials that turned out to be the ones in use. */
const four = ['moveworks-service-token', 'smartsheet_svc', 'bitbucket_svc', 'aws_apps_svc'];

/** Rotation shuts doors; the hunt says who came through them, and what he left behind. */
function huntSteps({ folder, logs, intelligence }: Estate): Step[] {
  return [
    {
      why: 'Rotation shuts doors. Who came through them? Read all logs.',
      argv: async () => ingests(logs),
    },
    {
      why: 'What can be claimed from them, and what can not?',
      argv: ['logs', 'coverage', ...period],
    },
    {
      why: 'Others have published indicators of the same intruder.',
      argv: ['hunt', 'ioc', '--stix', intelligence, ...period],
    },
    { why: 'What do the rules see?', argv: ['hunt', 'sigma', '--min-level', 'medium', ...period] },
    {
      why: 'What did the exposed accounts make, and what did that make?',
      argv: ['hunt', 'descendants', ...period],
    },
    {
      why: 'Each was removed at its system; the logs show it. Write down that it is contained.',
      argv: async (ask) => {
        const ids = idsOf(await ask(['hunt', 'made', '--state', 'outstanding', '--limit', '1000']));
        const because = 'removed at its system on 23 and 24 November 2023, as its audit log shows';
        return ids.length > 0 ? [['hunt', 'contained', ...ids, '--because', because]] : [];
      },
    },
    {
      why: 'Its password is no secret of a system that we can rotate. Somebody signs for that.',
      argv: async (ask) =>
        refsOf(await ask(['exposure', 'list', '--state', 'outstanding', '--limit', '1000'])).map((ref) => [
          ...['exposure', 'except', ref, '--reason', 'made by the intruder; its account is disabled'],
          ...['--approver', 'second responder', '--until', dayFromNow(60)],
        ]),
    },
    {
      why: 'What did he read? And customer data?',
      argv: ['hunt', 'access', '--principal', ...four, '--totals', logs.totalsFile, ...period],
    },
    {
      why: 'All of it in one order.',
      argv: [
        ...['hunt', 'timeline', '--principal', ...four, ...period],
        ...['--format', 'csv', '--out', join(folder, 'timeline.csv')],
      ],
    },
  ];
}

/** All logs; those of one host whose records do not name it are read together, with its name. */
function ingests({ folder, files }: LogEstate): string[][] {
  const folders = (host: string | undefined): string[] => [
    ...new Set(
      files
        .filter((file) => file.host === host)
        .map(({ path }) => join(folder, ...path.split('/').slice(0, -1).slice(0, 2))),
    ),
  ];
  const hosts = [...new Set(files.flatMap(({ host }) => host ?? []))];
  const ofHosts = new Set(hosts.flatMap(folders));
  const others = folders(undefined).filter((one) => !ofHosts.has(one));
  const outermost = others.filter((one) => !others.some((other) => one.startsWith(`${other}/`)));
  return [
    ['logs', 'ingest', ...outermost],
    ...hosts.map((host) => ['logs', 'ingest', '--host', host, ...folders(host)]),
  ];
}

/** The references of exposed credentials that the intruder made. */
function refsOf(list: unknown): string[] {
  const { exposures = [] } = list as { exposures?: { ref: string; reasons: { kind: string }[] }[] };
  return exposures
    .filter(({ reasons }) => reasons.some(({ kind }) => kind === 'descendant'))
    .map(({ ref }) => ref);
}

/** The ids of a list of descendants. */
function idsOf(list: unknown): string[] {
  const { descendants = [] } = list as { descendants?: { id: string }[] };
  return descendants.map(({ id }) => id);
}

/** One that was busy or away for a moment answers the second time. */
const askAgain: Step = {
  why: 'Those that did not answer, or not in full, are asked once more.',
  argv: async (ask) => (namesOf(await ask(['triage', 'status'])).length > 0 ? [['triage', 'retry']] : []),
};

/** Somebody signs for those that are outstanding. */
const exceptRest = (noun: 'triage' | 'reboot', reason: string): Step['argv'] => {
  const signed = ['--approver', 'second responder', '--until', dayFromNow(14)];
  return async (ask) => {
    const names = namesOf(await ask([noun, 'status']));
    return names.length > 0 ? [[noun, 'except', ...names, '--reason', reason, ...signed]] : [];
  };
};

/** Every system is examined; what could not be has somebody's name under it. */
function fleetSteps(): Step[] {
  return [
    { why: 'Examine every system.', argv: ['triage', 'collect'] },
    askAgain,
    { why: 'Which one is not like its siblings?', argv: ['triage', 'stack', '--limit', '5'] },
    {
      why: 'Those that were not examined whole are gone through by hand. Until then somebody signs.',
      argv: exceptRest('triage', 'what could not be examined from here is examined by hand'),
    },
    { why: 'Is every system accounted for?', argv: ['triage', 'status'] },
    { why: 'What lives in memory only must go: restart them all, in waves.', argv: ['reboot', 'plan'] },
    {
      why: 'Somebody else reads that plan, too, and signs it.',
      argv: ['reboot', 'approve', '--approver', 'second responder'],
    },
    { why: 'Go.', argv: ['reboot', 'apply'] },
    {
      why: 'Those that nobody could restart from here are restarted by hand. Until then somebody signs.',
      argv: exceptRest('reboot', 'what could not be restarted from here is restarted by hand'),
    },
    {
      why: 'A restart ends what lives in memory only. What is still there? Examine the outliers and their peers again.',
      argv: async (ask) => [
        ['triage', 'collect', '--role', ...rolesOf(await ask(['triage', 'stack', '--limit', '10']))],
      ],
    },
    askAgain,
    {
      why: 'What survived is persistence, an intruder’s or our own.',
      argv: ['triage', 'survived', '--limit', '8'],
    },
    {
      why: 'And on the one that differs most?',
      argv: async (ask) => {
        const { outliers = [] } = (await ask(['triage', 'survived', '--limit', '1'])) as Outliers;
        return outliers.map(({ host }) => ['triage', 'survived', '--host', host, '--limit', '8']);
      },
    },
  ];
}

interface Outliers {
  outliers?: { host: string; role: string }[];
}

/** The roles of the systems that stand out. */
function rolesOf(stacked: unknown): string[] {
  const { outliers = [] } = stacked as Outliers;
  return [...new Set(outliers.map(({ role }) => role))];
}

/** The names of the systems that are outstanding. */
function namesOf(status: unknown): string[] {
  const { outstanding = [] } = status as { outstanding?: { host: string }[] };
  return outstanding.map(({ host }) => host);
}

const dayMs = 24 * 60 * 60 * 1_000;
const dayFromNow = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
