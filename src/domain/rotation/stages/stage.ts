/** The shape of a stage: what it does to the members of a batch that need it. */
import type { MemberStatus } from '../../plans/index.ts';
import type { Kit, Work } from '../kit.ts';
import type { Move, Proven } from '../store-members.ts';
import type { Mode, Stage } from '../types.ts';

/** What a stage did to one member. `proof` is there when the member is proven dead. */
export type StageResult =
  | {
      ok: true;
      fields?: Partial<Move>;
      note?: object;
      proof?: { statement: object; proven: Omit<Proven, 'seq'> };
    }
  | {
      ok: false;
      status: Extract<MemberStatus, 'failed' | 'indeterminate'>;
      code: string;
      reason: string;
      fields?: Partial<Move>;
    };

export interface StageDefinition {
  /** The verb: `issue`. */
  name: string;
  from: Stage;
  to: Stage;
  /** Kinds of replacement that need this stage; for the others a member passes through it. */
  needs: readonly Mode[];
  /** What is announced in the ledger before it is done, beyond the list of members. */
  announce?(works: Work[], kit: Kit): object;
  /** Does one member. */
  act?(work: Work, kit: Kit): Promise<StageResult>;
  /** Does a batch together, for effects that members share. Results in the order of `works`. */
  actTogether?(works: Work[], kit: Kit): Promise<StageResult[]>;
}

export const failed = (code: string, reason: string): StageResult => ({
  ok: false,
  status: 'failed',
  code,
  reason,
});
export const indeterminate = (code: string, reason: string): StageResult => ({
  ok: false,
  status: 'indeterminate',
  code,
  reason,
});
