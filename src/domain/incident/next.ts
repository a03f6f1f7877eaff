/** What to do now, and why: read from the state of the incident, most urgent first. */
import { plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import { listScans } from '../exposure/index.ts';
import { listRuns } from '../hunt/index.ts';
import { countCredentials } from '../inventory/index.ts';
import { getCampaign, listCampaignIds, readProgress } from '../rotation/index.ts';
import { takeCensus } from './census.ts';
import { rebootSteps } from './next-reboots.ts';
import type { Census, Incident, NextStep } from './types.ts';

/** An empty list means that the incident is closed. */
export async function nextSteps(context: Context, incident: Incident): Promise<NextStep[]> {
  if (incident.closedAt !== null) return [];
  const census = await takeCensus(context, incident);
  return [
    ...(await inventorySteps(context)),
    ...(await scanSteps(context, incident)),
    ...(await campaignSteps(context, incident)),
    ...containSteps(census),
    ...systemSteps(census),
    ...(await rebootSteps(context, incident, census)),
    ...outstandingSteps(census),
    ...(await huntSteps(context, incident)),
    ...closingSteps(census),
  ];
}

async function inventorySteps(context: Context): Promise<NextStep[]> {
  if ((await countCredentials(context.db)).length > 0) return [];
  const why = 'the inventory is empty, so no exposure can be found in it';
  return [{ urgency: 'now', what: 'Discover what exists', why, command: 'firebreak inventory discover' }];
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
  const wheres = incident.advisory.exposes.filter(
    (exposed) => exposed.class === 'session' || /HAR|case|log/i.test(exposed.where),
  );
  if (scans.length === 0 && wheres[0])
    steps.push({
      urgency: 'now',
      what: 'Scan the files that the supplier held',
      why: `the advisory says that secrets stood in: ${wheres[0].where}`,
      command: 'firebreak exposure scan PATH',
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

/** The questions to the logs that nobody has asked yet. */
async function huntSteps(context: Context, incident: Incident): Promise<NextStep[]> {
  const runs = await listRuns(context.db, incident.id);
  const asked = (kind: string) => runs.some((run) => run.kind === kind && run.finishedAt !== null);
  const indicators = incident.advisory.indicators.reduce((sum, { values }) => sum + values.length, 0);
  if (!asked('ingest') && !asked('ioc') && indicators > 0)
    return [
      {
        urgency: 'next',
        what: 'Read the logs',
        why: `the advisory names ${plural(indicators, 'indicator')}, and no log was looked into`,
        command: 'firebreak logs ingest PATH',
      },
    ];
  const questions: [kind: string, what: string, why: string, isDue: boolean][] = [
    [
      'ioc',
      'Look for the indicators',
      `nobody has looked for the ${indicators} of the advisory`,
      indicators > 0,
    ],
    ['sigma', 'Match the rules', 'no rule was held against the logs', asked('ingest')],
    [
      'descendants',
      'Look for what was made',
      'what exposed credentials made would outlive them',
      asked('ingest'),
    ],
    ['access', 'Look for what was read', 'nobody can say yet what was read', asked('descendants')],
  ];
  return questions
    .filter(([kind, , , isDue]) => isDue && !asked(kind))
    .map(
      ([kind, what, why]): NextStep => ({ urgency: 'next', what, why, command: `firebreak hunt ${kind}` }),
    );
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
        why: `${progress.done} of ${plural(progress.total, 'credential')} done`,
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
        why: `${progress.failed} failed, ${progress.indeterminate} not proven`,
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
      why: `${systems.unreachable} unreachable, ${systems.refused} refused, ${systems.partial} partial, ${systems.notAttempted} not attempted`,
      command: 'firebreak triage status',
    });
  if (systems.beyond > 0)
    steps.push({
      urgency: 'next',
      what: `Examine ${plural(systems.beyond, 'system')}`,
      why: `the inventory has ${systems.total === 0 ? 'them' : 'more of them'}, and no collection of this incident includes them`,
      command: 'firebreak triage collect',
    });
  return steps;
}

function outstandingSteps({ credentials }: Census): NextStep[] {
  const unplanned = credentials.outstandingBy['not-planned'] ?? 0;
  const cancelled = credentials.outstandingBy.cancelled ?? 0;
  if (unplanned + cancelled === 0) return [];
  const unused = credentials.outstandingClaimedUnused;
  const why = `${plural(unplanned + cancelled, 'exposed credential')} in no plan${unused > 0 ? `; ${unused} of the outstanding are said to be unused, which closes nothing` : ''}`;
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
  const why = `all ${total} are accounted for: ${provenDead} proven dead, ${excepted} excepted, ${replaced} replaced before`;
  return [
    {
      urgency: 'later',
      what: 'Write the report and close the incident',
      why,
      command: 'firebreak report render --format html && firebreak incident close',
    },
  ];
}
