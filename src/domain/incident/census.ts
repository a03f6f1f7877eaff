/** The census over everything that an incident must account for. */
import type { Context } from '../context.ts';
import { countExposures, listScans } from '../exposure/index.ts';
import { countSystems } from '../forensics/index.ts';
import { countDescendants, countRuns } from '../hunt/index.ts';
import { countReboots } from '../reboot/index.ts';
import { countQuestions, listQuestions } from './questions.ts';
import type { Census, Incident, Question } from './types.ts';

/** Counts now, from the store; nothing is remembered. */
export async function takeCensus(context: Context, incident: Incident): Promise<Census> {
  const [credentials, scans, descendants, hunts, systems, reboots] = await Promise.all([
    countExposures(context.db, incident.id),
    listScans(context.db, incident.id),
    countDescendants(context.db, incident.id),
    countRuns(context.db, incident.id),
    countSystems(context.db, incident.id),
    countReboots(context.db, incident.id),
  ]);
  const questions = countQuestions(await listQuestions(context, incident, { systems, reboots }));
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
    descendants,
    hunts,
    systems,
    reboots,
    questions,
    complete:
      credentials.outstanding === 0 &&
      unfinished === 0 &&
      descendants.outstanding === 0 &&
      hunts.unfinished === 0 &&
      systems.outstanding === 0 &&
      systems.unfinished === 0 &&
      reboots.outstanding === 0 &&
      questions.open === 0,
  };
}

/** The questions of the incident as they stand now. */
export async function readQuestions(context: Context, incident: Incident): Promise<Question[]> {
  const [systems, reboots] = await Promise.all([
    countSystems(context.db, incident.id),
    countReboots(context.db, incident.id),
  ]);
  return listQuestions(context, incident, { systems, reboots });
}
