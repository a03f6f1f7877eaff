/** The census over everything that an incident must account for. */
import type { Context } from '../context.ts';
import { countExposures, listScans } from '../exposure/index.ts';
import type { Census, Incident } from './types.ts';

/** Counts now, from the store; nothing is remembered. */
export async function takeCensus(context: Context, incident: Incident): Promise<Census> {
  const [credentials, scans] = await Promise.all([
    countExposures(context.db, incident.id),
    listScans(context.db, incident.id),
  ]);
  const unfinished = scans.filter((scan) => scan.finishedAt === null).length;
  return {
    incidentId: incident.id,
    at: context.clock.now().toISOString(),
    credentials,
    scans: {
      total: scans.length,
      finished: scans.length - unfinished,
      unfinished,
      filesWithErrors: new Set(scans.flatMap((scan) => scan.errors.map((error) => error.file))).size,
    },
    complete: credentials.outstanding === 0 && unfinished === 0,
  };
}
