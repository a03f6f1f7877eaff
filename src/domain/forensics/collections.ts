/** The nouns of an examination of many hosts: its census, the verdict on each host, and its chain of custody. */
import type { HostSelection } from '../inventory/index.ts';
import type { ArtifactOutcome, CostClass, HostIdentity } from './types.ts';

export const hostStates = ['not-attempted', 'examined', 'partial', 'refused', 'unreachable'] as const;
export type HostState = (typeof hostStates)[number];

export const collectionStatuses = ['running', 'paused', 'stopped', 'finished', 'cancelled'] as const;
export type CollectionStatus = (typeof collectionStatuses)[number];

/** What a collection was asked for. */
export interface CollectionWhat {
  selection: HostSelection;
  cost: CostClass;
  /** All of that cost, when empty. */
  artifacts: string[];
  /** What changed since then is of interest: ISO 8601. */
  since: string | null;
}

export interface Collection {
  id: string;
  incidentId: string;
  kind: 'ssh' | 'import';
  createdAt: Date;
  createdBy: string;
  what: CollectionWhat;
  status: CollectionStatus;
  statusReason: string | null;
  control: 'run' | 'pause' | 'cancel';
  run: number;
}

/** `total` is the sum of the six states. An exception covers a host that is not examined. */
export interface HostCensus {
  total: number;
  examined: number;
  partial: number;
  refused: number;
  unreachable: number;
  notAttempted: number;
  excepted: number;
  /** All but examined and excepted. */
  outstanding: number;
}

export interface CollectionProgress {
  id: string;
  status: CollectionStatus;
  statusReason: string | null;
  /** Of the hosts of this collection. */
  census: HostCensus;
  /** Still to be seen to in this run. */
  pending: number;
  /** Seen to in this run, and since when. */
  done: number;
  runStartedAt: Date | null;
  perSecond: number | null;
  secondsLeft: number | null;
}

/** How to reach a host, as the inventory had it when the census was fixed. */
interface HostTarget {
  address: string;
  port: number;
  login: string;
  jump: string;
}

/** A host whose turn has come. */
export interface PendingHost {
  host: string;
  target: HostTarget;
  role: string;
  site: string;
  environment: string;
  /** The rows of the lake that are its facts so far. */
  load: string | null;
  /** How often it was asked before. */
  attempts: number;
}

/** The verdict on a host, as it is recorded. */
export interface HostVerdict {
  host: string;
  state: HostState;
  code: string | null;
  why: string | null;
  at: Date;
  tookMs: number;
  load: string | null;
  facts: number;
  /** The highest of its findings. */
  score: number;
  identity: HostIdentity | null;
  artifacts: ArtifactOutcome[];
  rawSha256: string | null;
  rawBytes: number | null;
  scriptSha256: string | null;
  exitCode: number | null;
  hostKey: string | null;
  /** Where it came from when it was not collected by us: the file, and what the file says that it is. */
  origin: string;
}

/** A host as a list shows it. */
export interface HostLine {
  host: string;
  role: string;
  site: string;
  environment: string;
  state: HostState | 'excepted';
  code: string | null;
  why: string | null;
  at: Date | null;
  attempts: number;
  score: number;
  exceptedUntil: Date | null;
}
