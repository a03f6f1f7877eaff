/** The nouns of collections that were made elsewhere. */
import type { Fault } from '../../../kernel/errors.ts';
import type { Fact } from '../types.ts';

export const importFormats = ['firebreak', 'osquery', 'velociraptor'] as const;
export type CollectionFormat = (typeof importFormats)[number];

/** One row of a table as another tool gives it. */
export interface ForeignRow {
  host: string;
  /** The tool's name for the table or artifact. */
  table: string;
  values: Readonly<Record<string, unknown>>;
  /** When the tool saw it. */
  at: Date | null;
  /** A differential result may take back a row that it gave before. */
  gone: boolean;
}

/** What a record is: rows, or why it is none. */
export type ForeignReading = { rows: ForeignRow[] } | { fault: Omit<Fault, 'file' | 'line'> };

/** What a tool's table says of a host, as facts do. */
export interface TableMeaning {
  /** Columns whose values together are the identity of a row among siblings. */
  key: readonly string[];
  /** Columns that are compared; without them all that are neither identity nor volatile. */
  value?: readonly string[];
  technique?: string;
  owner?: string;
  path?: string;
}

/** The facts of one host in a file. */
export interface ForeignHost {
  host: string;
  facts: Fact[];
  tables: string[];
}
