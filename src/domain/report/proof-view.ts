/** A proof of revocation as a report shows it, read from its ledger entry and checked. */
import { z } from 'zod';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type LedgerSigner, verifyAttestation } from '../evidence/index.ts';

/** The parts of the statement that a report uses; see rotation/proof.ts. */
const Predicate = z.object({
  acceptedBeforeTheChange: z.boolean().nullish(),
  oldSessionsOpen: z.number().nullish(),
  probes: z.array(
    z.object({
      at: z.iso.datetime(),
      role: z.enum(['old', 'control']),
      verdict: z.string(),
      code: z.string().optional(),
      message: z.string().optional(),
      principal: z.string().optional(),
    }),
  ),
});

export type ProbeView = z.infer<typeof Predicate>['probes'][number];

export interface ProofView {
  /** The whole statement as it was signed. */
  statement: object;
  acceptedBefore: boolean | null;
  /** Null: the system does not count them, or they can't be told from others of the same account. */
  sessionsOpen: number | null;
  probes: ProbeView[];
  /** The codes that the old secret was refused with. */
  refusedWith: string[];
  /** As whom the control was accepted. */
  control: string | undefined;
  /** What a proof needs and this one lacks; law 3. */
  lacks: string[];
}

/** The proof of `ref` in the `data` of an entry; the error says why it is none. */
export function viewProof(signer: LedgerSigner, ref: string, data: unknown): Result<ProofView, string> {
  const checked = verifyAttestation(signer, (data as { dsse?: unknown } | null)?.dsse);
  if (!checked.signatureValid) return err(`expected ${checked.fault}`);
  const named = checked.statement.subject.map((subject) => subject.name ?? 'nothing');
  if (!named.includes(ref)) return err(`expected a proof of this credential, got one of ${named.join(', ')}`);
  const parsed = Predicate.safeParse(checked.statement.predicate);
  if (!parsed.success) return err('expected a proof of revocation');
  const { probes, acceptedBeforeTheChange, oldSessionsOpen } = parsed.data;
  const refusals = probes.filter((probe) => probe.role === 'old' && probe.verdict === 'rejected');
  const view = {
    statement: checked.statement,
    acceptedBefore: acceptedBeforeTheChange ?? null,
    sessionsOpen: oldSessionsOpen ?? null,
    probes,
    refusedWith: [...new Set(refusals.map((probe) => probe.code ?? 'no code'))],
    control: probes.find((probe) => probe.role === 'control' && probe.verdict === 'accepted')?.principal,
  };
  return ok({ ...view, lacks: lacksOf(view) });
}

function lacksOf({ probes, refusedWith, control, sessionsOpen }: Omit<ProofView, 'lacks'>): string[] {
  const lacks: string[] = [];
  if (refusedWith.length === 0) lacks.push('no refusal of the old secret');
  if (probes.some((probe) => probe.role === 'old' && probe.verdict !== 'rejected'))
    lacks.push('a try of the old secret that was not refused');
  if (control === undefined) lacks.push('no accepted control');
  if ((sessionsOpen ?? 0) > 0) lacks.push('a session that is still open');
  return lacks;
}
