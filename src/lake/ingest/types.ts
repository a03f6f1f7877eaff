/** The nouns of an ingest: what is asked for, how far it is, and what became of each file. */
import type { Source } from '../sources/contract.ts';

export interface IngestInput {
  /** Files, and folders with all that is below them. */
  paths: readonly string[];
  /** The id of the source that all of them are of; without it each file's is told from its content. */
  source?: string;
  /** Which host logged them, where the records do not say. */
  host?: string;
  sources: readonly Source[];
  signal?: AbortSignal;
  onProgress?: (progress: IngestProgress) => void;
  /**
   * Keeps others, in this process or elsewhere, from reading files of these keys into the same lake until the returned
   * function is called. Without it, ingests of one process alone take turns.
   */
  hold?: (keys: readonly string[]) => Promise<() => Promise<void>>;
}

/** Bytes as they are delivered, compressed or not. */
export interface IngestProgress {
  bytesDone: number;
  bytesTotal: number;
  files: number;
  filesTotal: number;
  /** The file under way. */
  path: string;
}

/** Why records are no events: how many, and the first of them. */
export interface RejectReason {
  reason: string;
  records: number;
  line: number;
}

/** A file whose every record is accounted for: `events + rejects = records`. */
export interface IngestedFile {
  path: string;
  /** SHA-256 of the bytes as they were delivered. */
  fileId: string;
  source: string;
  host: string;
  /** `already`: a file of the same content was in the lake before. */
  state: 'ingested' | 'already';
  bytes: number;
  records: number;
  events: number;
  rejects: number;
  blank: number;
  first: Date | null;
  last: Date | null;
  /** The most frequent reasons of its rejects. */
  reasons: RejectReason[];
  /** The file in the lake that has its first records, where one has; what is counted here comes after them. */
  grownFrom: GrownFrom | null;
}

export interface GrownFrom {
  fileId: string;
  path: string;
  /** Records of its own that are in the lake by that file. */
  records: number;
  /** The last of them had been cut off there, and stands in both. */
  cut: boolean;
}

/** A file that is not in the lake, and why. */
export interface UnreadFile {
  path: string;
  reason: string;
}

export interface IngestReport {
  files: IngestedFile[];
  /** Files that could not be taken in: of no known source, broken, changing. */
  failed: UnreadFile[];
  /** Files without any record. */
  empty: string[];
}
