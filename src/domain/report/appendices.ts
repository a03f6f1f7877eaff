/** Every member of the sets that the report counts, read from the store a page at a time. */

import { limits } from '../../kernel/limits.ts';
import { count, plural } from '../../kernel/text.ts';
import type { LedgerEntry, LedgerSigner } from '../evidence/index.ts';
import { type ColumnInput, columnsOf, makeFact, row } from './make.ts';
import { viewProof } from './proof-view.ts';
import { counted, type Source } from './source.ts';
import {
  type ProofRow,
  type RebootProofRow,
  readExposures,
  readProofs,
  readRebootProofs,
  type StateRow,
} from './store.ts';
import { viewRebootProof } from './tally-reboots.ts';
import type { Block, OpenAppendix, Row, Section } from './types.ts';

export function appendicesOf(source: Source, sections: readonly Section[]): OpenAppendix[] {
  const { provenDead, outstanding, excepted, replaced } = source.census.credentials;
  return [
    proven(source, provenDead),
    ...(outstanding > 0
      ? [standing(source, 'outstanding', 'Credentials that are outstanding', outstanding)]
      : []),
    ...(excepted > 0 ? [standing(source, 'excepted', 'Credentials that are excepted', excepted)] : []),
    ...(replaced > 0
      ? [standing(source, 'replaced', 'Credentials that had been replaced before', replaced)]
      : []),
    ...(source.census.reboots.proven > 0 ? [restarted(source)] : []),
    cited(source, sections),
  ];
}

const censusCounted = 'the census counted';

interface AppendixInput<T> {
  id: string;
  title: string;
  columns: readonly ColumnInput[];
  read(): AsyncIterable<T[]>;
  toRow(item: T): Row;
  /** How many rows the body of the report speaks of, and in which words. */
  expected: number;
  expectedBy: string;
  basis?: string;
}

/** The closing fact compares what was listed with what the body says. */
function appendix<T>(input: AppendixInput<T>): OpenAppendix {
  let listed = 0;
  let first: Row | undefined;
  let last: Row | undefined;
  return {
    id: input.id,
    title: input.title,
    columns: columnsOf(input.columns),
    async *pages() {
      for await (const page of input.read()) {
        const rows = page.map(input.toRow);
        listed += rows.length;
        first ??= rows[0];
        last = rows.at(-1);
        yield rows;
      }
    },
    closing: () => {
      const { expected, expectedBy } = input;
      const verdict =
        expected === listed
          ? `, as many as ${expectedBy}.`
          : `; ${expectedBy} ${count(expected)}. The two do not agree, so trust neither.`;
      const citations = [...(first?.citations.slice(0, 1) ?? []), ...(last?.citations.slice(-1) ?? [])];
      return makeFact({
        id: `${input.id}-listed`,
        statement: `${plural(listed, 'row')}${verdict}`,
        citations,
        basis: input.basis ?? counted,
        values: { listed },
      });
    },
  };
}

function proven(source: Source, expected: number): OpenAppendix {
  const columns = [
    ['ref', 'Credential', 'name'],
    ['at', 'Proven (UTC)', 'time'],
    ['code', 'Old secret refused with', 'code'],
    ['control', 'Control accepted as', 'name'],
    ['sessions', 'Old sessions left', 'text'],
    ['signature', 'Signature', 'text'],
  ] as const;
  const { signer } = source.context;
  return appendix<ProofRow>({
    id: 'proven',
    title: 'Every credential proven dead',
    columns,
    expected,
    expectedBy: censusCounted,
    read: () => readProofs(source.tx, source.incident.id, 'ref'),
    toRow: (proof) => provenRow(signer, proof),
  });
}

function provenRow(signer: LedgerSigner, { ref, at, seq, data }: ProofRow): Row {
  const proof = viewProof(signer, ref, data);
  if (!proof.ok)
    return row(
      { ref, at, code: null, control: null, sessions: null, signature: `NOT verified: ${proof.error}` },
      [seq],
    );
  const { refusedWith, control, sessionsOpen } = proof.value;
  const code = refusedWith.length > 0 ? refusedWith.join(', ') : null;
  const sessions = sessionsOpen === null ? null : String(sessionsOpen);
  return row({ ref, at, code, control, sessions, signature: 'holds' }, [seq]);
}

function standing(source: Source, state: string, title: string, expected: number): OpenAppendix {
  const columns = [
    ['ref', 'Credential', 'name'],
    ['environment', 'Environment', 'text'],
    ['owner', 'Owner', 'text'],
    ['reason', 'Why', 'text'],
    ['unused', 'Believed unused by', 'text'],
  ] as const;
  const toRow = (one: StateRow): Row =>
    row(
      {
        ref: one.ref,
        environment: one.environment,
        owner: one.owner,
        reason: one.reason,
        unused: one.claimedUnusedBy ?? 'nobody',
      },
      [...one.citations, one.excepted],
    );
  return appendix<StateRow>({
    id: state,
    title,
    columns,
    expected,
    expectedBy: censusCounted,
    toRow,
    read: () => readExposures(source.tx, source.incident.id, state),
  });
}

function restarted(source: Source): OpenAppendix {
  const columns = [
    ['host', 'System', 'name'],
    ['at', 'Proven (UTC)', 'time'],
    ['before', 'Boot before', 'code'],
    ['after', 'Boot after', 'code'],
    ['signature', 'Signature', 'text'],
  ] as const;
  const { signer } = source.context;
  const toRow = ({ host, at, seq, data }: RebootProofRow): Row => {
    const proof = viewRebootProof(signer, host, data);
    if (!proof.ok)
      return row({ host, at, before: null, after: null, signature: `NOT verified: ${proof.error}` }, [seq]);
    const { before, after } = proof.value;
    return row({ host, at, before: before.bootId, after: after.bootId, signature: 'holds' }, [seq]);
  };
  return appendix<RebootProofRow>({
    id: 'restarted',
    title: 'Every system proven to have restarted',
    columns,
    expected: source.census.reboots.proven,
    expectedBy: censusCounted,
    read: () => readRebootProofs(source.tx, source.incident.id, 'host'),
    toRow,
  });
}

/** The entries that the body cites; what an appendix cites stands in its own rows. */
function cited(source: Source, sections: readonly Section[]): OpenAppendix {
  const seqs = [...new Set(sections.flatMap((section) => section.blocks.flatMap(citationsOf)))].sort(
    (a, b) => a - b,
  );
  const columns = [
    ['at', 'At (UTC)', 'time'],
    ['kind', 'Kind', 'code'],
    ['who', 'By', 'text'],
    ['subject', 'Of', 'name'],
  ] as const;
  const toRow = ({ seq, at, kind, actor, subject }: LedgerEntry): Row =>
    row({ at, kind, who: actor, subject: subject ?? '' }, [seq]);
  const read = () => readEntries(source, seqs);
  return appendix<LedgerEntry>({
    id: 'entries',
    title: 'Ledger entries that the report cites',
    columns,
    expected: seqs.length,
    expectedBy: 'the report cites',
    basis: 'Each was read back from the ledger, and its hash was checked.',
    toRow,
    read,
  });
}

/** One by one, because the ledger then checks the hash of each. */
async function* readEntries({ context }: Source, seqs: readonly number[]): AsyncGenerator<LedgerEntry[]> {
  for (let start = 0; start < seqs.length; start += limits.reportPageRows) {
    const page: LedgerEntry[] = [];
    for (const seq of seqs.slice(start, start + limits.reportPageRows))
      page.push(await context.ledger.entry(seq));
    yield page;
  }
}

function citationsOf(block: Block): number[] {
  if (block.type === 'fact') return block.fact.citations;
  return block.type === 'table' ? block.rows.flatMap((one) => one.citations) : block.citations;
}
