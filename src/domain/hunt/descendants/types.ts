/** The nouns of descendants: what a compromised principal made, and what that made. */
import type { CredentialClass } from '../../../connectors/contract.ts';
import type { EventColumnName } from '../../../lake/index.ts';
import type { Claim } from '../coverage/types.ts';
import type { EventView, Outstanding } from '../types.ts';

/** A column of the lake that holds one text. */
export type TextColumn = Extract<
  EventColumnName,
  | 'user_name'
  | 'user_uid'
  | 'user_email'
  | 'group_name'
  | 'group_uid'
  | 'resource_name'
  | 'resource_uid'
  | 'resource_type'
  | 'made_uid'
  | 'actor_user_name'
  | 'actor_user_uid'
  | 'actor_user_email'
  | 'actor_app_name'
  | 'file_path'
  | 'process_cmd_line'
  | 'message'
  | 'query_text'
>;

/** What all things of a kind have in common; a rule may say otherwise. The first column that holds something counts. */
export interface DescendantKind {
  /** What it is called. */
  name: readonly TextColumn[];
  /** The id that the vendor gave it. */
  ref: readonly TextColumn[];
  /** Whose it is, or what it was done to. */
  owner: readonly TextColumn[];
  /** The columns by whose values it is known when it acts; none: it can't act. */
  actsAs: readonly TextColumn[];
  /** ATT&CK. */
  technique: string;
  /** What sort of credential it is; without it, it is no credential that could be rotated. */
  class?: CredentialClass;
}

/** Which events make something. */
export interface DescendantRule extends Partial<DescendantKind> {
  kind: string;
  /**
   * Patterns of event codes: in lower case, letters and digits only, `%` for anything. They are compared with
   * `event_code` and `api_operation`, spelled the same way. None: every code.
   */
  codes?: readonly string[];
  /** A further condition over the columns of the lake. It is part of the program, never of an input. */
  where?: string;
}

/** The rules of one kind of log. */
export interface DescendantRules {
  /** Source ids that they hold for; none: all, after the rules that are made for a source. */
  sources: readonly string[];
  rules: readonly DescendantRule[];
}

/** Who is taken to be in the attacker's hands, and from when to when. */
export interface ExposedPrincipal {
  /** A user name, user id, e-mail address or credential id. */
  principal: string;
  /** Where it is known by that name; without it, everywhere. */
  source?: string;
  host?: string;
  from: Date;
  to: Date;
}

export const descendantStates = ['outstanding', 'contained', 'excepted'] as const;
export type DescendantState = (typeof descendantStates)[number];

/** One event that shows that `parent` made it. */
export interface DescendantEdge {
  /** The id of a descendant, or an exposed principal as it was given. */
  parent: string;
  event: EventView;
}

/** As it is found in the lake. */
export interface FoundDescendant {
  id: string;
  source: string;
  host: string;
  kind: string;
  name: string;
  ref: string;
  owner: string;
  acts: boolean;
  class: CredentialClass | null;
  technique: string;
  madeAt: Date;
  /** 1: made by an exposed principal. */
  generation: number;
  edges: DescendantEdge[];
}

export interface Descendant extends FoundDescendant {
  incidentId: string;
  state: DescendantState;
  reason: string;
  exposureId: string | null;
  containedAt: Date | null;
  exceptedUntil: Date | null;
  /** The ledger entry that closed it; null while it is outstanding. */
  closedSeq: number | null;
}

/** `total` is the sum of the states, always. */
export interface DescendantCensus {
  total: number;
  outstanding: number;
  contained: number;
  excepted: number;
  /** Outstanding ones by kind. */
  outstandingBy: Record<string, number>;
}

export interface DescendantReport {
  descendants: Descendant[];
  census: DescendantCensus;
  /** How many this run added. */
  added: number;
  /** Credentials among them that are now in the inventory and exposed. */
  exposed: number;
  claims: Claim[];
  /** Why more of them can't be ruled out. */
  doubts: string[];
  outstanding: Outstanding[];
}
