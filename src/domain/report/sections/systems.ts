/** The systems that were examined, those that were not and why, what stands out on them, and where the raw output is. */
import { limits } from '../../../kernel/limits.ts';
import { count, plural } from '../../../kernel/text.ts';
import { countReasons, listCollections, listFindings } from '../../forensics/index.ts';
import { fact, row, table } from '../make.ts';
import { counted, rangeOf, type Source } from '../source.ts';
import type { Block, Section } from '../types.ts';

const custodyKinds = ['triage.intended', 'triage.examined', 'triage.imported', 'triage.ended'] as const;

export async function systems(source: Source): Promise<Section> {
  const { tx, incident, census } = source;
  const title = 'Systems examined';
  const collections = await listCollections(tx, incident.id);
  if (collections.length === 0) {
    const statement =
      census.systems.beyond === 0
        ? 'No system was examined: the inventory has none.'
        : `No system was examined, though the inventory has ${plural(census.systems.beyond, 'system')}.`;
    return {
      id: 'systems',
      title,
      blocks: [fact({ id: 'systems', statement, basis: counted, values: { total: 0 } })],
    };
  }
  const blocks: Block[] = [censusFact(source), custodyFact(source)];
  const reasons = await countReasons(tx, incident.id);
  if (reasons.length > 0) blocks.push(outstandingTable(reasons));
  const [latest] = collections;
  const findings = latest
    ? await listFindings(tx, { collectionId: latest.id, limit: limits.reportRowsMax })
    : [];
  blocks.push(findingsTable(findings.filter(({ score }) => score >= limits.hostFindingScoreLine)));
  return { id: 'systems', title, blocks };
}

function censusFact(source: Source): Block {
  const { total, examined, partial, refused, unreachable, notAttempted, excepted, outstanding } =
    source.census.systems;
  return fact({
    id: 'systems',
    statement: `${plural(total, 'system')} were to be examined: ${count(examined)} examined, ${count(partial)} in part, ${count(refused)} refused us, ${count(unreachable)} unreachable, ${count(notAttempted)} not attempted, ${count(excepted)} excepted. ${outstanding === 0 ? 'None is outstanding.' : `${count(outstanding)} outstanding: of these nothing can be said.`}`,
    citations: rangeOf(source, 'triage.created'),
    basis: counted,
    values: { total, examined, partial, refused, unreachable, notAttempted, excepted, outstanding },
  });
}

function custodyFact(source: Source): Block {
  return fact({
    id: 'custody',
    statement:
      'What was meant to be collected was written to the ledger before the first host was asked. For each host it then says when, with which script (by its SHA-256), over which host key, how the script ended, and the SHA-256 of the raw output, under which that output is kept. What was imported is said to be that.',
    citations: custodyKinds.flatMap((kind) => rangeOf(source, kind)),
    basis: 'Entries of the ledger.',
  });
}

function outstandingTable(reasons: Awaited<ReturnType<typeof countReasons>>): Block {
  const columns = [
    ['state', 'State', 'code'],
    ['code', 'Reason', 'code'],
    ['hosts', 'Systems', 'number'],
    ['example', 'For example', 'name'],
  ] as const;
  const rows = reasons.map(({ state, code, hosts, example }) => row({ state, code, hosts, example }));
  return table({ id: 'systems-outstanding', title: 'Not examined, by reason', columns, rows });
}

function findingsTable(findings: Awaited<ReturnType<typeof listFindings>>): Block {
  const columns = [
    ['host', 'System', 'name'],
    ['score', 'Score', 'number'],
    ['title', 'What', 'text'],
    ['why', 'Why', 'text'],
    ['technique', 'ATT&CK', 'code'],
    ['key', 'Where', 'text'],
    ['sha256', 'SHA-256', 'code'],
  ] as const;
  const rows = findings.map(({ host, score, title, why, technique, key, sha256 }) =>
    row({ host, score, title, why, technique, key, sha256 }),
  );
  const note = `Scores are of 100; from ${limits.hostFindingScoreLine} on a finding is named. A finding is no proof of an intruder, and no finding is no proof of none.`;
  return table({
    id: 'systems-findings',
    title: 'What stands out on a system by itself, in the latest collection',
    columns,
    rows,
    note,
  });
}
