/** Closes an incident, when nothing is outstanding. */
import { FirebreakError } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import { listExposures } from '../exposure/index.ts';
import { takeCensus } from './census.ts';
import { closeIncidentRow } from './store.ts';
import type { Census, Incident } from './types.ts';

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
            expected: 'proven dead or excepted',
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

async function findObstacles(context: Context, incident: Incident, census: Census) {
  const obstacles: { what: string; members: { ref: string; reason: string | null }[] }[] = [];
  if (census.credentials.outstanding > 0) {
    const members = await listExposures(context.db, {
      incidentId: incident.id,
      state: 'outstanding',
      limit: 100,
    });
    obstacles.push({ what: `${plural(census.credentials.outstanding, 'credential')} outstanding`, members });
  }
  if (census.scans.unfinished > 0)
    obstacles.push({ what: `${plural(census.scans.unfinished, 'scan')} not finished`, members: [] });
  return obstacles;
}
