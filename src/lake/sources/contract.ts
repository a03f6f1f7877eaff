/**
 * What Firebreak needs to know of a kind of log. A source is a folder: `index.ts` (this object), `map.sql`,
 * README, and golden pairs in `__fixtures__/`. The mapping runs inside the engine, at its speed.
 */

/** How a file of this source is cut into records. */
const framings = {
  /** A record a line: NDJSON or text. */
  lines: 'lines',
  /** A JSON document whose list at `recordsPath` (or the root) holds the records; also NDJSON of the same records. */
  json: 'json',
  /** Comma-separated values; a record may have line breaks within quotes. */
  csv: 'csv',
} as const;
export type Framing = keyof typeof framings;

/** Which Sigma rules a source answers, and how it reads their fields. */
export interface SigmaView {
  product?: string;
  category?: string;
  service?: string;
  /** Of the events of this source, those that the rules mean: a condition over the event columns. */
  where?: string;
  fields: SigmaFields;
}

export type SigmaFields =
  /**
   * Fields are paths in the raw JSON record, dots between the steps. `aliases` says how a rule's spelling, in
   * lower case, is spelled in the record: Sigma's okta rules write `eventtype` for `eventType`. `root` is the path
   * of the object that the rules mean, where it is wrapped in another one.
   */
  | { kind: 'json'; aliases: Readonly<Record<string, string>>; root?: string }
  /** Fields are expressions over the event columns, by their name in lower case; `*` is for all others. */
  | { kind: 'columns'; expressions: Readonly<Record<string, string>> };

export interface Source {
  id: string;
  title: string;
  /** Where the vendor documents the format. */
  docs: string;
  framing: Framing;
  /** For `json` framing: names of the root's field that may hold the list, such as `Records`. */
  recordsFields?: readonly string[];
  /** Text of every record that stands in an envelope, and of hardly another. Its map.sql is told which files have it. */
  envelope?: string;
  /** Whether this record, as text, is of this source; strict enough to hold for no other source. */
  recognise(record: string): boolean;
  sigma: readonly SigmaView[];
  /** The SELECT of map.sql itself, for a source that is declared and has no folder: it is used instead of the file. */
  map?: string;
  /** Whether `sequence` counts without holes on each host, so that a hole is a loss. */
  sequenced?: boolean;
  /** Longest silence that is usual for this source and no gap, in seconds; the rhythm seen may be shorter. */
  quietSecondsMax?: number;
}

/*
 * map.sql is one SELECT over the table `{records}`, which has
 *   line String      the record,
 *   number UInt64    its number in the file, from 1,
 * and the parameters
 *   {base_time:DateTime64(3, 'UTC')}   the file's time of last change, for formats without a year; used where `number`
 *                                      is at hand, since files that are loaded together have one each,
 *   {host:String}                      the host that `logs ingest --host` names, or '',
 *   {enveloped:Bool}                   whether the file has the source's `envelope` anywhere: where it has not, nothing
 *                                      need be asked of each record.
 * It gives `number`, `line`, `reject` (why the record is not an event; '' when it is one) and any of the columns of
 * `mappedColumns` by name. It never throws on any bytes: only ...OrNull, ...OrZero and ...OrDefault functions.
 * An element of a tuple is written `(t).name`. As `t.name` it would be a subcolumn to the engine, which looks it up
 * in the whole type for every block of rows: a quarter of CloudTrail's mapping was that.
 */
