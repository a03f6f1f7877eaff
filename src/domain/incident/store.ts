/** The table `incident`. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { IncidentId } from '../../kernel/ids.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { Advisory } from '../advisory/index.ts';
import type { Incident } from './types.ts';

export async function insertIncident(
  tx: Tx,
  row: { id: string; title: string; advisory: Advisory; at: Date; by: string },
): Promise<void> {
  await tx
    .insertInto('incident')
    .values({
      id: row.id,
      title: row.title,
      advisory_id: row.advisory.id,
      advisory: JSON.stringify(row.advisory),
      opened_at: row.at,
      opened_by: row.by,
      closed_at: null,
      closed_by: null,
    })
    .execute();
}

/** All incidents, the latest first. */
export async function listIncidents(db: Db): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incident')
    .selectAll()
    .orderBy('opened_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id as IncidentId,
    title: row.title,
    advisoryId: row.advisory_id,
    advisory: row.advisory as Advisory,
    openedAt: row.opened_at,
    openedBy: row.opened_by,
    closedAt: row.closed_at,
    closedBy: row.closed_by,
  }));
}

/** The incident with this id or the only one whose id begins so; without an id, the only open one. */
export async function findIncident(db: Db, id?: string): Promise<Incident> {
  const all = await listIncidents(db);
  if (id !== undefined) {
    const exact = all.find((incident) => incident.id === id);
    const begins = all.filter((incident) => incident.id.startsWith(id));
    const found = exact ?? (begins.length === 1 ? begins[0] : undefined);
    if (found) return found;
    throw new FirebreakError(
      'not_found',
      begins.length > 1 ? `${begins.length} incidents begin with ${id}` : `no incident ${id}`,
    );
  }
  const open = all.filter((incident) => incident.closedAt === null);
  if (open.length === 1 && open[0]) return open[0];
  const hint =
    open.length === 0
      ? 'no incident is open: firebreak incident open --advisory ID'
      : `${open.length} incidents are open: name one with --incident (${open.map((one) => one.id).join(', ')})`;
  throw new FirebreakError('bad_input', hint);
}

export async function closeIncidentRow(tx: Tx, id: string, at: Date, by: string): Promise<void> {
  await tx.updateTable('incident').set({ closed_at: at, closed_by: by }).where('id', '=', id).execute();
}
