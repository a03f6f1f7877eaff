/**
 * The questions that an incident has not answered: parts of the response that nobody began, and doubts of its hunts.
 * Each holds the incident open until it is answered or somebody signs for leaving it so, until a day.
 */
import { plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import { listScans } from '../exposure/index.ts';
import { listOpenDoubts, type RunKind, readAsked } from '../hunt/index.ts';
import { countCredentials } from '../inventory/index.ts';
import { listQuestionExceptions } from './store-exceptions.ts';
import type { Census, Incident, Question } from './types.ts';

/** The counts that say whether systems were examined, and restarted. */
export type Begun = Pick<Census, 'systems' | 'reboots'>;

type Asked = Omit<Question, 'state' | 'exception'>;

/** Parts that nobody began first, then doubts. Whatever is answered is not among them. */
export async function listQuestions(context: Context, incident: Incident, begun: Begun): Promise<Question[]> {
  const [inventory, scans, hunts, doubts, exceptions] = await Promise.all([
    inventoryQuestions(context),
    scanQuestions(context, incident),
    huntQuestions(context, incident),
    listOpenDoubts(context.db, incident.id),
    listQuestionExceptions(context.db, incident.id),
  ]);
  const all: Asked[] = [
    ...inventory,
    ...scans,
    ...hunts,
    ...systemQuestions(begun),
    ...doubts.map((doubt): Asked => ({ ...doubt, kind: 'doubt' })),
  ];
  const now = context.clock.now();
  return all.map((one) => {
    const exception = exceptions.get(one.id) ?? null;
    const holds = exception !== null && exception.until > now;
    return { ...one, state: holds ? 'excepted' : 'open', exception };
  });
}

const notBegun = (id: string, what: string, why: string, command: string): Asked => ({
  id,
  kind: 'not-begun',
  what,
  why,
  command,
});

async function inventoryQuestions({ db }: Context): Promise<Asked[]> {
  if ((await countCredentials(db)).length > 0) return [];
  const why = 'the inventory is empty, so no exposure can be found in it';
  return [notBegun('inventory', 'Discover what exists', why, 'firebreak inventory discover')];
}

/** Where the advisory says that secrets stood in files, somebody has to look into these files. */
async function scanQuestions({ db }: Context, { id, advisory }: Incident): Promise<Asked[]> {
  const exposed = advisory.exposes.find((one) => one.class === 'session' || /HAR|case|log/i.test(one.where));
  if (exposed === undefined || (await listScans(db, id)).length > 0) return [];
  const why = `the advisory says that secrets stood in: ${exposed.where}`;
  return [notBegun('scans', 'Scan the files that the supplier held', why, 'firebreak exposure scan PATH')];
}

/** The questions to the logs that nobody asked, or not since logs came in. */
async function huntQuestions({ db }: Context, { id, advisory }: Incident): Promise<Asked[]> {
  const indicators = advisory.indicators.reduce((sum, { values }) => sum + values.length, 0);
  const { asked, lastLogs } = await readAsked(db, id);
  if (asked.size === 0) {
    const why =
      indicators > 0
        ? `the advisory names ${plural(indicators, 'indicator')}, and no log was looked into`
        : 'no log was looked into, so nobody can say what was done with what is exposed';
    return [notBegun('logs', 'Read the logs', why, 'firebreak logs ingest PATH')];
  }
  const questions: [kind: RunKind, what: string, why: string][] = [
    ...(indicators > 0
      ? [
          ['ioc', 'Look for the indicators', `nobody has looked for the ${indicators} of the advisory`] as [
            RunKind,
            string,
            string,
          ],
        ]
      : []),
    ['sigma', 'Match the rules', 'no rule was held against the logs'],
    ['descendants', 'Look for what was made', 'what exposed credentials made would outlive them'],
    ['access', 'Look for what was read', 'nobody can say yet what was read'],
  ];
  return questions.flatMap(([kind, what, why]) => {
    const last = asked.get(kind);
    const command = `firebreak hunt ${kind}`;
    if (last === undefined) return [notBegun(`hunt-${kind}`, what, why, command)];
    if (lastLogs === null || last >= lastLogs) return [];
    return [notBegun(`hunt-${kind}`, `${what} again`, 'logs came in after it was last done', command)];
  });
}

function systemQuestions({ systems, reboots }: Begun): Asked[] {
  const unknown = 'the inventory knows no system; import them (firebreak inventory hosts --help)';
  const one = systems.beyond === 1;
  return [
    ...(systems.total === 0
      ? [
          notBegun(
            'systems',
            systems.beyond > 0 ? `Examine ${plural(systems.beyond, 'system')}` : 'Examine the systems',
            systems.beyond > 0
              ? `the inventory has ${one ? 'it' : 'them'}, and no collection of this incident includes ${one ? 'it' : 'them'}`
              : unknown,
            'firebreak triage collect',
          ),
        ]
      : []),
    ...(reboots.total === 0
      ? [
          notBegun(
            'restarts',
            reboots.beyond > 0
              ? `Plan the restart of ${plural(reboots.beyond, 'system')}`
              : 'Restart the systems',
            'what lives in memory only ends with it, and no plan of this incident means them',
            'firebreak reboot plan',
          ),
        ]
      : []),
  ];
}

/** How many there are: total = open + excepted. */
export function countQuestions(questions: readonly Question[]): Census['questions'] {
  const open = questions.filter(({ state }) => state === 'open');
  const notBegunOpen = open.filter(({ kind }) => kind === 'not-begun');
  return {
    total: questions.length,
    open: open.length,
    excepted: questions.length - open.length,
    notBegun: notBegunOpen.map(({ id }) => id),
    doubts: open.length - notBegunOpen.length,
  };
}
