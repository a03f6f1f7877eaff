/** What to do now, and why: read from the state of the incident, most urgent first. */
import { count, plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import { listScans } from '../exposure/index.ts';
import { getCampaign, listCampaignIds, readProgress } from '../rotation/index.ts';
import { readQuestions, takeCensus } from './census.ts';
import { rebootSteps } from './next-reboots.ts';
import type { Census, Incident, NextStep, Question } from './types.ts';

/** An empty list means that the incident is closed. */
export async function nextSteps(context: Context, incident: Incident): Promise<NextStep[]> {
  if (incident.closedAt !== null) return [];
  const census = await takeCensus(context, incident);
  const open = (await readQuestions(context, incident)).filter(({ state }) => state === 'open');
  return [
    ...beginSteps(open, true),
    ...(await scanSteps(context, incident)),
    ...(await campaignSteps(context, incident)),
    ...containSteps(census),
    ...systemSteps(census),
    ...(await rebootSteps(context, incident, census)),
    ...outstandingSteps(census),
    ...beginSteps(open, false),
    ...doubtSteps(open),
    ...closingSteps(census),
  ];
}

async function scanSteps(context: Context, incident: Incident): Promise<NextStep[]> {
  const scans = await listScans(context.db, incident.id);
  const unfinished = scans.find((scan) => scan.finishedAt === null);
  const steps: NextStep[] = [];
  if (unfinished)
    steps.push({
      urgency: 'now',
      what: 'Repeat the scan that was interrupted',
      why: `scan ${unfinished.id} did not finish, so what it did not read is not known`,
      command: `firebreak exposure scan ${unfinished.paths.join(' ')}`,
    });
  return steps;
}

function containSteps({ descendants }: Census): NextStep[] {
  if (descendants.outstanding === 0) return [];
  return [
    {
      urgency: 'now',
      what: `Contain ${plural(descendants.outstanding, 'descendant')}`,
      why: 'an exposed credential made them, and they outlive it',
      command: 'firebreak hunt made --state outstanding',
    },
  ];
}

/** What nobody began: what stands before everything else is due now, the others after what is outstanding. */
const dueNow = new Set(['inventory', 'scans']);

function beginSteps(questions: readonly Question[], isDueNow: boolean): NextStep[] {
  // Before anything was examined, a restart would only destroy what is in memory.
  const waits = questions.some(({ id }) => id === 'systems') ? 'restarts' : '';
  return questions
    .filter(({ id, kind }) => kind === 'not-begun' && dueNow.has(id) === isDueNow && id !== waits)
    .map(({ what, why, command }) => ({
      urgency: isDueNow ? 'now' : 'next',
      what,
      why,
      ...(command === undefined ? {} : { command }),
    }));
}

const doubtsTold = 10;

/** Doubts of the hunts, the first few by name. More logs answer them, or somebody signs. */
function doubtSteps(questions: readonly Question[]): NextStep[] {
  const doubts = questions.filter(({ kind }) => kind === 'doubt');
  const signs = (id: string) =>
    `firebreak incident except ${id} --reason WHY --approver NAME --until YYYY-MM-DD`;
  const told = doubts.slice(0, doubtsTold).map(
    ({ id, what, why }): NextStep => ({
      urgency: 'next',
      what: `Answer: ${what}`,
      why,
      command: signs(id),
    }),
  );
  const rest = doubts.length - told.length;
  if (rest === 0) return told;
  const what = `Answer ${plural(rest, 'more doubt')} of the hunts`;
  return [
    ...told,
    { urgency: 'next', what, why: 'each may hide what was done', command: 'firebreak incident questions' },
  ];
}

async function campaignSteps(context: Context, incident: Incident): Promise<NextStep[]> {
  const steps: NextStep[] = [];
  for (const id of await listCampaignIds(context.db, incident.id)) {
    const [campaign, progress] = await Promise.all([
      getCampaign(context.db, id),
      readProgress(context.db, id),
    ]);
    const bad = progress.failed + progress.indeterminate;
    if (campaign.status === 'planned')
      steps.push({
        urgency: 'now',
        what: `Approve plan ${id}`,
        why: `${plural(progress.total, 'credential')} wait for it; ${campaign.plan.approvals - campaign.approvals.length} approval(s) missing`,
        command: `firebreak rotate approve ${id} --approver NAME`,
      });
    if (campaign.status === 'approved' || campaign.status === 'paused')
      steps.push({
        urgency: 'now',
        what: `Apply plan ${id}`,
        why: `it is ${campaign.status}; ${plural(progress.pending + progress.running, 'credential')} wait`,
        command: `firebreak rotate apply ${id}`,
      });
    if (campaign.status === 'running')
      steps.push({
        urgency: 'next',
        what: `Watch campaign ${id}`,
        why: `${count(progress.done)} of ${plural(progress.total, 'credential')} done`,
        command: `firebreak rotate status ${id}`,
      });
    if (campaign.status === 'stopped')
      steps.push({
        urgency: 'now',
        what: `Look into campaign ${id}, then continue it`,
        why: `it stopped: ${campaign.statusReason}`,
        command: `firebreak rotate status ${id}`,
      });
    if (bad > 0 && campaign.status !== 'running')
      steps.push({
        urgency: 'now',
        what: `Retry ${plural(bad, 'member')} of campaign ${id}`,
        why: `${count(progress.failed)} failed, ${count(progress.indeterminate)} not proven`,
        command: `firebreak rotate retry ${id}`,
      });
  }
  return steps;
}

/** Systems: finish what was begun, deal with who did not answer, and say whom nobody asked. */
function systemSteps({ systems }: Census): NextStep[] {
  const steps: NextStep[] = [];
  if (systems.unfinished > 0)
    steps.push({
      urgency: 'now',
      what: 'Go on with the examination of systems',
      why: `${plural(systems.unfinished, 'collection')} did not come to an end; ${plural(systems.notAttempted, 'system')} not attempted`,
      command: 'firebreak triage resume',
    });
  else if (systems.outstanding > 0)
    steps.push({
      urgency: 'now',
      what: `Examine ${plural(systems.outstanding, 'system')} that did not answer, or except them`,
      why: `${count(systems.unreachable)} unreachable, ${count(systems.refused)} refused, ${count(systems.partial)} partial, ${count(systems.notAttempted)} not attempted`,
      command: 'firebreak triage status',
    });
  if (systems.beyond > 0 && systems.total > 0)
    steps.push({
      urgency: 'next',
      what: `Examine ${plural(systems.beyond, 'system')}`,
      why: `the inventory has more of them, and no collection of this incident includes them`,
      command: 'firebreak triage collect',
    });
  return steps;
}

function outstandingSteps({ credentials }: Census): NextStep[] {
  const unplanned = credentials.outstandingBy['not-planned'] ?? 0;
  const cancelled = credentials.outstandingBy.cancelled ?? 0;
  if (unplanned + cancelled === 0) return [];
  const unused = credentials.outstandingClaimedUnused;
  const why = `${plural(unplanned + cancelled, 'exposed credential')} in no plan${unused > 0 ? `; ${count(unused)} of the outstanding are said to be unused, which closes nothing` : ''}`;
  return [{ urgency: 'now', what: 'Plan the rotation', why, command: 'firebreak rotate plan' }];
}

function closingSteps(census: Census): NextStep[] {
  if (!census.complete) return [];
  const { total, provenDead, excepted, replaced } = census.credentials;
  if (total === 0)
    return [
      {
        urgency: 'later',
        what: 'Close the incident, if nothing more is to be scanned',
        why: 'no credential is exposed as far as the inventory and the scans go',
        command: 'firebreak incident close',
      },
    ];
  const why = `all ${count(total)} are accounted for: ${count(provenDead)} proven dead, ${count(excepted)} excepted, ${count(replaced)} replaced before`;
  return [
    {
      urgency: 'later',
      what: 'Write the report and close the incident',
      why,
      command: 'firebreak report render --format html && firebreak incident close',
    },
  ];
}
