/** Collects the facts of a report. Nothing is asserted here that a section has not read from the store or the ledger. */

import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { type Incident, takeCensus } from '../incident/index.ts';
import { appendicesOf } from './appendices.ts';
import { clean } from './make.ts';
import { campaigns } from './sections/campaigns.ts';
import { census } from './sections/census.ts';
import { checking } from './sections/checking.ts';
import { exceptions } from './sections/exceptions.ts';
import { hunt } from './sections/hunt.ts';
import { notShown } from './sections/limits.ts';
import { proofs } from './sections/proofs.ts';
import { questions } from './sections/questions.ts';
import { restarts } from './sections/restarts.ts';
import { scope } from './sections/scope.ts';
import { headline, summary } from './sections/summary.ts';
import { systems } from './sections/systems.ts';
import { timeline } from './sections/timeline.ts';
import { unused } from './sections/unused.ts';
import { whatHappened } from './sections/what-happened.ts';
import type { Source } from './source.ts';
import { countEntries, findCheckpoint, groupEntries, readProofs } from './store.ts';
import { tallyProofs } from './tally-proofs.ts';
import type { Header, OpenReport, Section } from './types.ts';

/** Reads everything but the appendices, whose rows are read when they are asked for, from the same snapshot. */
export async function collectFacts(context: Context, tx: Tx, incident: Incident): Promise<OpenReport> {
  const source: Source = {
    context,
    tx,
    incident,
    size: await countEntries(tx),
    generatedAt: context.clock.now(),
    census: await takeCensus({ ...context, db: tx }, incident),
    groups: await groupEntries(tx, incident.id),
    proofs: await tallyProofs(context.signer, readProofs(tx, incident.id, 'seq')),
  };
  const header = headerOf(source, await findCheckpoint(tx));
  const sections: Section[] = [];
  for (const section of [
    summary,
    whatHappened,
    scope,
    census,
    unused,
    campaigns,
    proofs,
    systems,
    restarts,
    exceptions,
    hunt,
    questions,
    timeline,
    notShown,
  ])
    sections.push(await section(source));
  sections.push(checking(source, header.ledger));
  return { header, sections, appendices: appendicesOf(source, sections) };
}

function headerOf(source: Source, checkpoint: { size: number; note: string } | undefined): Header {
  const { context, incident, generatedAt, size } = source;
  const { total, provenDead, excepted, replaced, outstanding } = source.census.credentials;
  return {
    format: 'firebreak-report/1',
    title: clean(incident.title),
    incident: {
      id: incident.id,
      advisory: clean(incident.advisoryId),
      supplier: clean(incident.advisory.supplier.name),
      openedAt: incident.openedAt.toISOString(),
      openedBy: clean(incident.openedBy),
      closedAt: incident.closedAt?.toISOString() ?? null,
      closedBy: incident.closedBy === null ? null : clean(incident.closedBy),
    },
    generatedAt: generatedAt.toISOString(),
    generatedBy: clean(context.actor),
    ledger: {
      size,
      verifierKey: context.signer.verifierKey,
      checkpoint: checkpoint?.note ?? null,
      signed: checkpoint?.size ?? 0,
    },
    credentials: { total, provenDead, excepted, replaced, outstanding },
    complete: source.census.complete,
    headline: headline(source),
  };
}
