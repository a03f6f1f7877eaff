/** Reads every proof of the incident once: checks its signature and counts what it says. */
import type { LedgerSigner } from '../evidence/index.ts';
import { type ProofView, viewProof } from './proof-view.ts';
import type { ProofRow } from './store.ts';

const samplesMax = 3;
const troublesListedMax = 20;

export interface ProofSample {
  row: ProofRow;
  view: ProofView;
}

/** Credentials whose proof is not one: all counted, the first few named. */
export interface Trouble {
  count: number;
  listed: { ref: string; seq: number; why: string }[];
}

export interface ProofTally {
  /** Exposed credentials that name a proof. */
  credentials: number;
  first: ProofRow | undefined;
  last: ProofRow | undefined;
  /** The signature does not hold, or what is signed is no proof. */
  unverified: Trouble;
  /** Signed, but less than law 3 asks for. */
  incomplete: Trouble;
  /** How often the old secret was refused with each code. */
  codes: Map<string, number>;
  acceptedBefore: { yes: number; no: number };
  sessions: { none: number; open: number; unknown: number };
  samples: ProofSample[];
}

/** Takes the proofs in the order of their entries. */
export async function tallyProofs(
  signer: LedgerSigner,
  pages: AsyncIterable<ProofRow[]>,
): Promise<ProofTally> {
  const tally: ProofTally = {
    credentials: 0,
    first: undefined,
    last: undefined,
    unverified: { count: 0, listed: [] },
    incomplete: { count: 0, listed: [] },
    codes: new Map(),
    acceptedBefore: { yes: 0, no: 0 },
    sessions: { none: 0, open: 0, unknown: 0 },
    samples: [],
  };
  // Samples show different systems first; the second and the last proof complete them where there are fewer.
  const spare: ProofSample[] = [];
  for await (const page of pages) {
    for (const row of page) {
      tally.credentials++;
      tally.first ??= row;
      tally.last = row;
      const proof = viewProof(signer, row.ref, row.data);
      if (!proof.ok) {
        note(tally.unverified, row, proof.error);
        continue;
      }
      const sample = { row, view: proof.value };
      count(tally, sample);
      if (
        tally.samples.length < samplesMax &&
        !tally.samples.some((other) => other.row.system === row.system)
      )
        tally.samples.push(sample);
      else spare.splice(1, 1, sample);
    }
  }
  tally.samples.push(...spare.slice(0, samplesMax - tally.samples.length));
  return tally;
}

function count(tally: ProofTally, { row, view }: ProofSample): void {
  if (view.lacks.length > 0) note(tally.incomplete, row, view.lacks.join(', '));
  for (const code of view.refusedWith) tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
  tally.acceptedBefore[view.acceptedBefore ? 'yes' : 'no']++;
  tally.sessions[view.sessionsOpen === null ? 'unknown' : view.sessionsOpen === 0 ? 'none' : 'open']++;
}

function note(trouble: Trouble, { ref, seq }: ProofRow, why: string): void {
  if (++trouble.count <= troublesListedMax) trouble.listed.push({ ref, seq, why });
}
