/** The nouns of access: what was read, by what act, and what can be said of a protected class of data. */

import type { Claim } from '../coverage/types.ts';
import type { ExposedPrincipal } from '../descendants/types.ts';
import type { EventView, Outstanding, Period } from '../types.ts';

/** What was done with a resource. `taken`: it left as a whole, by archive or export; `asked`: a statement was run. */
export const accessActs = [
  'viewed',
  'searched',
  'listed',
  'asked',
  'downloaded',
  'cloned',
  'archived',
  'exported',
] as const;
export type AccessAct = (typeof accessActs)[number];

/** Which events read something, and how the thing is known again in another log. */
export interface AccessRule {
  /** Source ids that it holds for; none: all, after the rules that are made for a source. */
  sources: readonly string[];
  act: AccessAct;
  /** What it is: `ticket`, `page`, `repository`. */
  type: string;
  /** A condition over the columns of the lake. It is part of the program, never of an input. */
  where: string;
  /** An expression: the same for the same thing in every log of its realm. An empty one is no resource. */
  key: string;
  /** An expression: its title, where the log has one. */
  title?: string;
}

/** One thing that was read, or asked for and refused. */
export interface AccessedResource {
  type: string;
  key: string;
  title: string;
  realm: string;
  acts: AccessAct[];
  events: number;
  first: Date;
  last: Date;
  /** Who, and from where; the first of them. */
  actors: string[];
  addresses: string[];
  sources: string[];
  /** The first event that shows it. */
  proof: EventView;
}

export interface TypeCount {
  type: string;
  /** Things that were read by any act; each once, in however many logs it stands. */
  resources: number;
  byAct: Partial<Record<AccessAct, number>>;
  /** How many there are at all, where it is known. */
  total: number | null;
  refused: number;
  /** Words of titles and names, and in how many things each occurs. */
  topics: { word: string; resources: number }[];
}

/** Who read from where: a stolen credential has its own proper use, too. */
export interface Reader {
  actor: string;
  address: string;
  resources: number;
  events: number;
  first: Date;
  last: Date;
}

/** A place where data of a class is kept, as firebreak.yaml says. */
export interface DataStore {
  /** The log in which an access to it stands. */
  source: string;
  host?: string;
  /** The name or path of what holds it; `*` stands for anything. */
  match?: string;
}
export interface DataClass {
  class: string;
  stores: readonly DataStore[];
}

export interface ClassVerdict {
  class: string;
  /** Law 4: `no-access-seen` is said with full coverage only. */
  verdict: 'accessed' | 'no-access-seen' | 'cannot-be-ruled-out';
  because: string[];
  events: number;
  refused: number;
  /** The first events that show an access. */
  proof: EventView[];
}

export interface AccessReport {
  period: Period;
  principals: number;
  descendants: number;
  addresses: string[];
  types: TypeCount[];
  /** In the order in which they were first read. */
  resources: AccessedResource[];
  refused: AccessedResource[];
  readers: Reader[];
  classes: ClassVerdict[];
  claims: Claim[];
  doubts: string[];
  outstanding: Outstanding[];
}

/** Whose acts are looked at. */
export interface Attacker {
  principals: readonly ExposedPrincipal[];
  /** Addresses and ranges. */
  addresses: readonly string[];
}
