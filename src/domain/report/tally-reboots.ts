/** Reads every proof of a restart once: checks its signature and that what is signed shows another boot. */
import { z } from 'zod';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type LedgerSigner, verifyAttestation } from '../evidence/index.ts';
import { rebootPredicateType } from '../reboot/index.ts';
import type { RebootProofRow } from './store.ts';

const troublesListedMax = 20;

const Identity = z.object({ bootId: z.string(), bootedAt: z.iso.datetime(), machineId: z.string() });

/** The parts of the statement that a report uses; see reboot/proof.ts. */
const Predicate = z.object({
  host: z.string(),
  action: z.enum(['reboot', 'reimage']),
  before: Identity,
  requestedAt: z.iso.datetime().nullable(),
  after: Identity,
});

export type RebootProofView = z.infer<typeof Predicate>;

/** The proof of `host` in the `data` of an entry; the error says why it is none. */
export function viewRebootProof(
  signer: LedgerSigner,
  host: string,
  data: unknown,
): Result<RebootProofView, string> {
  const checked = verifyAttestation(signer, (data as { dsse?: unknown } | null)?.dsse);
  if (!checked.signatureValid) return err(`expected ${checked.fault}`);
  if (checked.statement.predicateType !== rebootPredicateType) return err('expected a proof of a restart');
  const parsed = Predicate.safeParse(checked.statement.predicate);
  if (!parsed.success) return err('expected a proof of a restart');
  const view = parsed.data;
  if (view.host !== host) return err(`expected a proof of this system, got one of ${view.host}`);
  if (view.before.bootId === view.after.bootId) return err('it shows the same boot before and after');
  if (view.action === 'reimage' && view.before.machineId === view.after.machineId)
    return err('it was to be installed anew, and its machine-id is the same');
  return ok(view);
}

export interface RebootTally {
  /** Systems that name a proof. */
  systems: number;
  reimages: number;
  /** Restarted without our asking: their boot changed between being recorded and being asked. */
  unasked: number;
  first: RebootProofRow | undefined;
  last: RebootProofRow | undefined;
  /** What bears no signature that holds, or does not prove: all counted, the first few named. */
  troubles: { count: number; listed: { host: string; seq: number; why: string }[] };
}

/** Takes the proofs in the order of their entries. */
export async function tallyReboots(
  signer: LedgerSigner,
  pages: AsyncIterable<RebootProofRow[]>,
): Promise<RebootTally> {
  const tally: RebootTally = {
    systems: 0,
    reimages: 0,
    unasked: 0,
    first: undefined,
    last: undefined,
    troubles: { count: 0, listed: [] },
  };
  for await (const page of pages)
    for (const row of page) {
      tally.systems++;
      tally.first ??= row;
      tally.last = row;
      const { host, seq } = row;
      const proof = viewRebootProof(signer, host, row.data);
      if (proof.ok) {
        if (proof.value.action === 'reimage') tally.reimages++;
        if (proof.value.requestedAt === null) tally.unasked++;
      } else if (++tally.troubles.count <= troublesListedMax)
        tally.troubles.listed.push({ host, seq, why: proof.error });
    }
  return tally;
}
