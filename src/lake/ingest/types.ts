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
}

/** Bytes as they are delivered, compressed or not. */
export interface IngestProgress {
  bytesDone: number;
  bytesTotal: number;
  files: number;
  filesTotal: number;
  events: number;
  /** The file under way. */
  path: string;
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
  /** The most frequent reasons of its rejects, with the first line of each. */
  reasons: { reason: string; records: number; line: number }[];
}

/** A file that is not in the lake, and why. */
export interface FailedFile {
  path: string;
  /** Absent where the file could not be read. */
  fileId?: string;
  reason: string;
}

export interface IngestReport {
  files: IngestedFile[];
  failed: FailedFile[];
  bytes: number;
  events: number;
  rejects: number;
}
