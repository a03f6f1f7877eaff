/** The systems that were restarted, what proves it, and those that were not, with the reason. */
import { limits } from '../../../kernel/limits.ts';
import { count, plural } from '../../../kernel/text.ts';
import { countRebootReasons, listRebootExceptions } from '../../reboot/index.ts';
import { fact, join, moment, row, table } from '../make.ts';
import { counted, rangeOf, type Source } from '../source.ts';
import { readRebootProofs } from '../store.ts';
import { type RebootTally, tallyReboots } from '../tally-reboots.ts';
import type { Block, Section } from '../types.ts';

export async function restarts(source: Source): Promise<Section> {
  const { tx, incident, census, context } = source;
  const title = 'Systems restarted';
  const { total, beyond } = census.reboots;
  if (total === 0) {
    const unmeant =
      beyond === 0 ? '' : `, though the inventory has ${plural(beyond, 'system')} that can be restarted`;
    const statement = `No restart was planned${unmeant}.`;
    return {
      id: 'restarts',
      title,
      blocks: [fact({ id: 'restarts', statement, basis: counted, values: { total: 0 } })],
    };
  }
  const tally = await tallyReboots(context.signer, readRebootProofs(tx, incident.id, 'seq'));
  const blocks = [censusFact(source), ...proofFacts(tally)];
  if (census.reboots.outstanding > 0) blocks.push(await outstandingTable(source));
  if (census.reboots.excepted > 0) blocks.push(await exceptionTable(source));
  if (beyond > 0)
    blocks.push(
      fact({
        id: 'restarts-beyond',
        statement: `${plural(beyond, 'more system')} of the inventory can be restarted, and no plan means ${beyond === 1 ? 'it' : 'them'}.`,
        basis: counted,
        values: { beyond },
      }),
    );
  return { id: 'restarts', title, blocks };
}

function censusFact(source: Source): Block {
  const { total, proven, excepted, outstanding } = source.census.reboots;
  const rest =
    outstanding === 0
      ? 'None is outstanding.'
      : 'On those that are outstanding, what lived in memory only may still run.';
  return fact({
    id: 'restarts',
    statement: `${plural(total, 'system was', 'systems were')} to be restarted: ${count(proven)} proven to have restarted + ${count(excepted)} excepted + ${count(outstanding)} outstanding = ${count(total)}. ${rest}`,
    citations: [...rangeOf(source, 'reboot.planned'), ...rangeOf(source, 'reboot.ended')],
    basis: counted,
    values: { total, proven, excepted, outstanding },
  });
}

function proofFacts(tally: RebootTally): Block[] {
  const { first, last, systems, reimages, unasked, troubles } = tally;
  if (!first || !last) return [];
  const citations = [first.seq, last.seq];
  const anew =
    reimages === 0
      ? ''
      : ` ${count(reimages)} of them ${reimages === 1 ? 'was' : 'were'} installed anew, shown by another machine-id.`;
  const alone =
    unasked === 0
      ? ''
      : ` ${count(unasked)} ${unasked === 1 ? 'was' : 'were'} found restarted before our request, so the proof shows the restart and not who asked for it.`;
  const blocks = [
    fact({
      id: 'restart-proofs',
      statement: `${plural(systems, 'proof')} of a restart: the first was recorded at ${moment(first.at)}, the last at ${moment(last.at)}.${anew}${alone}`,
      citations,
      basis: 'Every proof was read from its ledger entry; each is listed in the appendix.',
      values: { systems, reimages, unasked },
    }),
    fact({
      id: 'restart-proof-meaning',
      statement:
        'A proof says: the boot identity that the system showed was written down before it was asked to restart, and over the same path it then showed another one. It is signed. It rests on what the system says of itself: a kernel that lies can show another identity without having restarted.',
      citations,
    }),
    fact({
      id: 'restart-signatures',
      statement: `${count(systems - troubles.count)} of ${plural(systems, 'proof')} bear a signature that holds, over another boot than before.`,
      citations,
      basis: 'Each was checked with the key of this ledger while the report was written.',
      values: { valid: systems - troubles.count, total: systems },
    }),
  ];
  if (troubles.count > 0) {
    const named = troubles.listed.map(({ host, why }) => `${host} (${why})`);
    const more = troubles.count - troubles.listed.length;
    blocks.push(
      fact({
        id: 'restart-unverified',
        statement: `${plural(troubles.count, 'proof')} of a restart prove${troubles.count === 1 ? 's' : ''} nothing: ${join([...named, ...(more > 0 ? [`${count(more)} more`] : [])])}. Take these systems for not restarted.`,
        citations: troubles.listed.map(({ seq }) => seq),
        values: { count: troubles.count },
      }),
    );
  }
  return blocks;
}

async function outstandingTable({ tx, incident }: Source): Promise<Block> {
  const reasons = await countRebootReasons(tx, incident.id);
  const columns = [
    ['code', 'Reason', 'code'],
    ['hosts', 'Systems', 'number'],
    ['example', 'For example', 'name'],
    ['reason', 'In words', 'text'],
  ] as const;
  const rows = reasons.map(({ code, hosts, example, reason }) =>
    row({ code, hosts, example, reason: reason ?? '' }),
  );
  return table({
    id: 'restarts-outstanding',
    title: 'Not proven to have restarted, by reason',
    columns,
    rows,
  });
}

async function exceptionTable({ tx, incident, generatedAt }: Source): Promise<Block> {
  const all = await listRebootExceptions(tx, incident.id, limits.reportRowsMax);
  const columns = [
    ['host', 'System', 'name'],
    ['reason', 'Reason', 'text'],
    ['approver', 'Approved by', 'text'],
    ['until', 'Until (UTC)', 'time'],
  ] as const;
  const rows = all
    .filter(({ until }) => until > generatedAt)
    .map(({ host, reason, approver, until, seq }) => row({ host, reason, approver, until }, [seq]));
  return table({ id: 'restarts-excepted', title: 'Excepted from the restart', columns, rows });
}
