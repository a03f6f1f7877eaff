/** The nouns of Sigma: rules as they were read, what they look for, and what became of each. */
import type { Severity } from '../types.ts';

/** Where something stands, for a person who has to mend it. */
export interface Place {
  file: string;
  line: number;
}

/** Which logs a rule is for. */
export interface LogSource {
  category?: string | undefined;
  product?: string | undefined;
  service?: string | undefined;
}

/** One piece of a pattern: text, or what stands for other text. */
export type Piece =
  | { kind: 'text'; text: string }
  /** `*`: any characters, also none. */
  | { kind: 'any' }
  /** `?`: one character. */
  | { kind: 'one' }
  /** A dash of any kind, or a slash: of `windash`. */
  | { kind: 'dash' };

/** A value of a rule: it matches the whole of a field. */
export type Pattern = readonly Piece[];

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq';
export const dateParts = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type DatePart = (typeof dateParts)[number];
export type How = 'equals' | 'contains' | 'startswith' | 'endswith';

/** One test of one event. `field` is null for a test of the whole record. */
export type Match =
  | { kind: 'text'; field: string | null; patterns: readonly Pattern[]; cased: boolean }
  | { kind: 'regex'; field: string | null; regex: string; flags: string }
  | { kind: 'cidr'; field: string; ranges: readonly { first: string; last: string; isIpv6: boolean }[] }
  | { kind: 'number'; field: string; comparison: Comparison; value: number; part?: DatePart }
  | { kind: 'null'; field: string }
  | { kind: 'exists'; field: string }
  | { kind: 'fieldref'; field: string; other: string; how: How; cased: boolean };

export type Expr =
  | { kind: 'and'; items: readonly Expr[] }
  | { kind: 'or'; items: readonly Expr[] }
  | { kind: 'not'; item: Expr }
  | { kind: 'always'; value: boolean }
  | Match;

interface RuleHead {
  /** Its `id`; without one its `name`, without that its title. */
  id: string;
  name: string | undefined;
  title: string;
  level: Severity;
  /** ATT&CK technique ids such as T1136.001. */
  techniques: string[];
  /** The tags as they stand there. */
  tags: string[];
  place: Place;
}

export interface DetectionRule extends RuleHead {
  kind: 'detection';
  logsource: LogSource;
  /** The filters that were added are in it. */
  expr: Expr;
}

export const correlationTypes = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const;
export type CorrelationType = (typeof correlationTypes)[number];

export const thresholdOps = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export type ThresholdOp = (typeof thresholdOps)[number];

export interface CorrelationRule extends RuleHead {
  kind: 'correlation';
  type: CorrelationType;
  /** Ids or names. */
  rules: string[];
  groupBy: string[];
  spanMs: number;
  /** All hold together; empty for temporal rules, which then ask for every one of their rules. */
  thresholds: { op: ThresholdOp; value: number }[];
  /** The fields whose values are counted, together; the first one's number is summed. */
  fields: string[];
  /** Of value_percentile: which one. Without it: the share of the value among all, in percent. */
  percentile: number | undefined;
  /** What a name of `groupBy` is called in the events of each rule. */
  aliases: Record<string, Record<string, string>>;
  /** Whether its rules are also reported by themselves. */
  generate: boolean;
}

export type Rule = DetectionRule | CorrelationRule;

/** A rule that says nothing of the events, and why. */
export interface Problem extends Place {
  /** Its id where it could be read, and its title. */
  rule: string;
  title: string;
  reason: string;
}

/** Rules as they were read. Each document is in one of the two lists. */
export interface RuleSet {
  rules: Rule[];
  problems: Problem[];
}

/** Values for `%name%`, in Sigma's notation: `*` and `?` stand for other characters. */
export type Placeholders = Readonly<Record<string, readonly string[]>>;

/** Why a document can't be used. Caught where the document is read, and listed with its place. */
export class Unusable extends Error {
  /** The path in the document that is at fault, so that its line can be named. */
  readonly path: readonly (string | number)[];
  constructor(reason: string, path: readonly (string | number)[] = []) {
    super(reason);
    this.path = path;
  }
}
