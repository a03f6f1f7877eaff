/** What was proven, what a proof is made of, and a few of them in full. */
import { count, plural } from '../../../kernel/text.ts';
import { fact, join, listing, moment, row, table } from '../make.ts';
import type { Source } from '../source.ts';
import type { ProofSample, ProofTally, Trouble } from '../tally-proofs.ts';
import type { Block, Section } from '../types.ts';

export async function proofs(source: Source): Promise<Section> {
  const tally = source.proofs;
  const title = 'Proofs that the exposed secrets are dead';
  const { first, last } = tally;
  if (!first || !last)
    return {
      id: 'proofs',
      title,
      blocks: [
        fact({
          id: 'proofs',
          statement: 'No exposed credential is proven dead.',
          basis: 'No exposure of this incident names a proof in the ledger.',
          values: { credentials: 0 },
        }),
      ],
    };
  const blocks: Block[] = [
    fact({
      id: 'proofs',
      statement: `${plural(tally.credentials, 'exposed credential is', 'exposed credentials are')} proven dead. The first proof was recorded at ${moment(first.at)}, the last at ${moment(last.at)}.`,
      citations: [first.seq, last.seq],
      basis: everyProof,
      values: { credentials: tally.credentials },
    }),
    fact({
      id: 'proof-meaning',
      statement: meaning,
      citations: tally.samples.map(({ row: sample }) => sample.seq),
    }),
    codes(tally),
    liveBefore(tally),
    sessions(tally),
    signatures(tally),
    ...troubles(tally),
    ...tally.samples.flatMap(showSample),
  ];
  for (const { row: sample } of tally.samples) blocks.push(await inclusion(source, sample.seq));
  return { id: 'proofs', title, blocks };
}

const everyProof = 'Every proof was read from its ledger entry; each is listed in the appendix.';
const overAll = 'Counted over all of them.';

const meaning =
  'A proof says: the exposed secret was tried over a fresh connection and the system itself refused it with its own error for a wrong secret, every time; in between, a control credential was accepted over the same path as the principal that was expected, so the refusal was not an outage; and where the system can count sessions, none that the old secret had opened was left. It names secrets by keyed fingerprints and is signed.';

const ends = ({ first, last }: ProofTally): (number | undefined)[] => [first?.seq, last?.seq];

function codes(tally: ProofTally): Block {
  const rows = [...tally.codes]
    .sort((a, b) => b[1] - a[1])
    .map(([code, credentials]) => row({ code, credentials }, ends(tally)));
  return table({
    id: 'proof-codes',
    title: 'What the systems answered to the old secrets',
    columns: [
      ['code', 'Error code', 'code'],
      ['credentials', 'Credentials', 'number'],
    ],
    rows,
    note: overAll,
  });
}

function liveBefore(tally: ProofTally): Block {
  const { yes, no } = tally.acceptedBefore;
  const rest =
    no === 0
      ? ''
      : ` For ${count(no)} that was not seen: the secret that leaked was refused before the change too, and what is proven is that it is refused now.`;
  return fact({
    id: 'proof-live-before',
    statement: `Of ${plural(yes, 'old secret')} it was seen that the system accepted ${yes === 1 ? 'it' : 'them'} before the change.${rest}`,
    citations: ends(tally),
    basis: overAll,
    values: { yes, no },
  });
}

function sessions(tally: ProofTally): Block {
  const { none, open, unknown } = tally.sessions;
  const rest =
    unknown === 0
      ? ''
      : ` For ${count(unknown)} the system does not count sessions or they can't be told from others of the same account: whether one is left is not known.`;
  return fact({
    id: 'proof-sessions',
    statement: `Sessions that the old secret had opened: none left for ${plural(none, 'credential')}, some left for ${count(open)}.${rest}`,
    citations: ends(tally),
    basis: overAll,
    values: { none, open, unknown },
  });
}

function signatures(tally: ProofTally): Block {
  const valid = tally.credentials - tally.unverified.count;
  return fact({
    id: 'proof-signatures',
    statement: `${count(valid)} of ${plural(tally.credentials, 'proof')} bear a signature that holds.`,
    citations: ends(tally),
    basis: 'Each was checked with the key of this ledger while the report was written.',
    values: { valid, total: tally.credentials },
  });
}

/** A proof that does not prove is said before anything else would rest on it. */
function troubles(tally: ProofTally): Block[] {
  const say = (id: string, { count: total, listed }: Trouble, what: string): Block[] => {
    if (total === 0) return [];
    const named = [
      ...listed.map(({ ref, why }) => `${ref} (${why})`),
      ...(total > listed.length ? [`${count(total - listed.length)} more`] : []),
    ];
    const statement = `${plural(total, 'proof')} ${what}: ${join(named)}. Take these credentials for outstanding.`;
    return [fact({ id, statement, citations: listed.map(({ seq }) => seq), values: { count: total } })];
  };
  return [
    ...say('proof-unverified', tally.unverified, 'could not be verified'),
    ...say('proof-incomplete', tally.incomplete, 'lack what a proof needs'),
  ];
}

function showSample({ row: proof, view }: ProofSample, index: number): Block[] {
  const number = index + 1;
  const rows = view.probes.map((probe) =>
    row(
      {
        at: new Date(probe.at),
        role: probe.role === 'old' ? 'exposed secret' : 'control',
        answer: probe.principal ? `${probe.verdict} as ${probe.principal}` : probe.verdict,
        code: probe.code ?? '',
        message: probe.message ?? '',
      },
      [proof.seq],
    ),
  );
  const columns = [
    ['at', 'At (UTC)', 'time'],
    ['role', 'Tried', 'text'],
    ['answer', 'The system', 'text'],
    ['code', 'Code', 'code'],
    ['message', 'In its words', 'text'],
  ] as const;
  return [
    table({ id: `sample-${number}`, title: `Sample proof ${number}: ${proof.ref}`, columns, rows }),
    listing(
      `sample-${number}-statement`,
      `The signed statement of sample ${number}`,
      JSON.stringify(view.statement, null, 2),
      [proof.seq],
    ),
  ];
}

async function inclusion({ context }: Source, seq: number): Promise<Block> {
  const { included } = await context.ledger.inclusion(seq);
  const statement = included
    ? `Entry ${seq} stands in the tree that the newest checkpoint signs.`
    : `Entry ${seq} does not stand in the tree that the newest checkpoint signs. Do not trust the ledger.`;
  return fact({ id: `sample-${seq}-included`, statement, citations: [seq] });
}
