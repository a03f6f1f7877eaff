/** The nouns of a report. The schema `Report` is what `--format json` gives. */
import { z } from 'zod';

export const reportFormats = ['html', 'md', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** The number of a ledger entry. */
const Seq = z.int().min(0);

/** One sentence, the ledger entries that it rests on, and how it was computed where the entries alone don't say. */
export const Fact = z
  .strictObject({
    id: z.string(),
    statement: z.string().min(1),
    /** When it happened, ISO 8601 UTC. */
    at: z.iso.datetime().optional(),
    citations: z.array(Seq),
    /** What it was counted from, where no entry states the number itself. */
    basis: z.string().optional(),
    /** The numbers of the statement, for programs. */
    values: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).optional(),
  })
  .refine((fact) => fact.citations.length > 0 || fact.basis !== undefined, 'a citation or a basis');
export type Fact = z.infer<typeof Fact>;

export const Column = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** How it is set: `name` may break anywhere, `time` and `code` never do. */
  kind: z.enum(['text', 'name', 'number', 'time', 'code']),
});
export type Column = z.infer<typeof Column>;

/** `null` is shown as "not known". */
export const Row = z.strictObject({
  cells: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  citations: z.array(Seq),
});
export type Row = z.infer<typeof Row>;

export const Table = z.strictObject({
  type: z.literal('table'),
  id: z.string(),
  title: z.string(),
  columns: z.array(Column).min(1),
  rows: z.array(Row),
  /** Says so when not all rows are shown, and where the others are. */
  note: z.string().optional(),
});
export type Table = z.infer<typeof Table>;

/** Text shown as it stands: a statement, a checkpoint, commands. */
export const Listing = z.strictObject({
  type: z.literal('listing'),
  id: z.string(),
  title: z.string(),
  text: z.string(),
  citations: z.array(Seq),
});
export type Listing = z.infer<typeof Listing>;

export const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('fact'), fact: Fact }),
  Table,
  Listing,
]);
export type Block = z.infer<typeof Block>;

export const Section = z.strictObject({ id: z.string(), title: z.string(), blocks: z.array(Block) });
export type Section = z.infer<typeof Section>;

const Count = z.int().min(0);

export const Header = z.strictObject({
  format: z.literal('firebreak-report/1'),
  title: z.string(),
  incident: z.strictObject({
    id: z.string(),
    advisory: z.string(),
    supplier: z.string(),
    openedAt: z.iso.datetime(),
    openedBy: z.string(),
    closedAt: z.iso.datetime().nullable(),
    closedBy: z.string().nullable(),
  }),
  generatedAt: z.iso.datetime(),
  generatedBy: z.string(),
  /** Everything in the report was read when the ledger had `size` entries; the newest checkpoint signs `signed` of them. */
  ledger: z.strictObject({
    size: Count,
    signed: Count,
    verifierKey: z.string(),
    checkpoint: z.string().nullable(),
  }),
  /** `total` is the sum of the four states. */
  credentials: z.strictObject({
    total: Count,
    provenDead: Count,
    excepted: Count,
    replaced: Count,
    outstanding: Count,
  }),
  /** Nothing is outstanding and no scan is unfinished. */
  complete: z.boolean(),
  headline: z.string(),
});
export type Header = z.infer<typeof Header>;

/** A table of every member of a set, closed by a fact that counts what it listed. */
export const Appendix = Table.extend({ closing: Fact });

export const Report = z.strictObject({
  report: Header,
  sections: z.array(Section),
  appendices: z.array(Appendix),
});
export type Report = z.infer<typeof Report>;

/** An appendix before it is read: its rows come from the store a page at a time. */
export interface OpenAppendix {
  id: string;
  title: string;
  columns: Column[];
  pages(): AsyncIterable<Row[]>;
  /** What was listed. Called after the last page. */
  closing(): Fact;
}

/** A report whose appendices are still in the store. */
export interface OpenReport {
  header: Header;
  sections: Section[];
  appendices: OpenAppendix[];
}
