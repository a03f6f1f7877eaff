/** Closes an incident, when nothing is outstanding. */
import { FirebreakError } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import { listExposures } from '../exposure/index.ts';
import { listOutstanding } from '../forensics/index.ts';
import { listDescendants } from '../hunt/index.ts';
import { listRebootStates } from '../reboot/index.ts';
import { readQuestions, takeCensus } from './census.ts';
import { closeIncidentRow } from './store.ts';
import type { Census, Incident, Question } from './types.ts';

/** Throws outstanding, with the first members that are, while anything is open. */
export async function closeIncident(context: Context, incident: Incident): Promise<Census> {
  if (incident.closedAt !== null)
    throw new FirebreakError('conflict', `incident ${incident.id} is closed already`);
  const census = await takeCensus(context, incident);
  const obstacles = await findObstacles(context, incident, census);
  if (obstacles.length > 0)
    throw new FirebreakError(
      'outstanding',
      `incident ${incident.id} can't be closed: ${obstacles.map((one) => one.what).join('; ')}`,
      {
        faults: obstacles.flatMap((one) =>
          one.members.map((member) => ({
            field: member.ref,
            expected: one.expected,
            got: member.reason ?? 'outstanding',
          })),
        ),
      },
    );
  await context.db.transaction().execute(async (tx) => {
    await closeIncidentRow(tx, incident.id, context.clock.now(), context.actor);
    await context.ledger.appendWithin(tx, [
      {
        kind: 'incident.closed',
        actor: context.actor,
        incidentId: incident.id,
        subject: incident.id,
        data: { census },
      },
    ]);
  });
  return census;
}

interface Obstacle {
  what: string;
  /** What each member would have to be. */
  expected: string;
  members: { ref: string; reason: string | null }[];
}

const without = (what: string): Obstacle => ({ what, expected: '', members: [] });

async function findObstacles(context: Context, incident: Incident, census: Census) {
  const obstacles: Obstacle[] = [];
  if (census.credentials.outstanding > 0) {
    const members = await listExposures(context.db, {
      incidentId: incident.id,
      state: 'outstanding',
      limit: 100,
    });
    obstacles.push({
      what: `${plural(census.credentials.outstanding, 'credential')} outstanding`,
      expected: 'proven dead or excepted',
      members,
    });
  }
  if (census.scans.unfinished > 0)
    obstacles.push(without(`${plural(census.scans.unfinished, 'scan')} not finished`));
  if (census.descendants.outstanding > 0) {
    const filter = { incidentId: incident.id, state: 'outstanding', limit: 100 };
    const members = (await listDescendants(context.db, filter)).map(({ kind, name, id, reason }) => ({
      ref: `${kind} ${name} (${id})`,
      reason,
    }));
    obstacles.push({
      what: `${plural(census.descendants.outstanding, 'descendant')} outstanding`,
      expected: 'contained or excepted',
      members,
    });
  }
  if (census.hunts.unfinished > 0)
    obstacles.push(without(`${plural(census.hunts.unfinished, 'hunt')} not finished`));
  return [
    ...obstacles,
    ...(await systemObstacles(context, incident, census)),
    ...(await rebootObstacles(context, incident, census)),
    ...(await questionObstacles(context, incident, census)),
  ];
}

async function questionObstacles(
  context: Context,
  incident: Incident,
  { questions }: Census,
): Promise<Obstacle[]> {
  if (questions.open === 0) return [];
  const open = (await readQuestions(context, incident)).filter(({ state }) => state === 'open');
  const of = (kind: Question['kind']) =>
    open
      .filter((one) => one.kind === kind)
      .slice(0, 100)
      .map(({ id, what, why }) => ({ ref: id, reason: `${what}: ${why}` }));
  const { notBegun, doubts } = questions;
  return [
    ...(notBegun.length > 0
      ? [
          {
            what: `not begun: ${notBegun.join(', ')}`,
            expected: 'begun or excepted',
            members: of('not-begun'),
          },
        ]
      : []),
    ...(doubts > 0
      ? [
          {
            what: `${plural(doubts, 'doubt')} of the hunts open`,
            expected: 'answered or excepted',
            members: of('doubt'),
          },
        ]
      : []),
  ];
}

async function systemObstacles(context: Context, { id }: Incident, { systems }: Census): Promise<Obstacle[]> {
  const obstacles: Obstacle[] = [];
  if (systems.outstanding > 0) {
    const hosts = await listOutstanding(context.db, id, 100);
    obstacles.push({
      what: `${plural(systems.outstanding, 'system')} not examined`,
      expected: 'examined or excepted',
      members: hosts.map(({ host, state, why }) => ({ ref: host, reason: why ?? state })),
    });
  }
  if (systems.unfinished > 0)
    obstacles.push(without(`${plural(systems.unfinished, 'collection')} not finished`));
  return obstacles;
}

async function rebootObstacles(context: Context, { id }: Incident, { reboots }: Census): Promise<Obstacle[]> {
  if (reboots.outstanding === 0) return [];
  const hosts = await listRebootStates(context.db, id, { state: 'outstanding', limit: 100 });
  return [
    {
      what: `${plural(reboots.outstanding, 'system')} not proven to have restarted`,
      expected: 'proven or excepted',
      members: hosts.map(({ host, code, reason }) => ({ ref: host, reason: reason ?? code })),
    },
  ];
}
