/** A small kind of log for tests of the ingest: JSON objects `{"t": time, "who": name, ...}`, and the same as lines of text. */
import type { Source } from '../../src/lake/index.ts';

const columns = `
  number, line,
  multiIf(NOT isValidJSON(line), 'not valid JSON', time_read IS NULL, 'no time', '') AS reject,
  ifNull(time_read, toDateTime64(0, 3, 'UTC')) AS time,
  JSONExtractString(line, 't') AS time_text,
  JSONExtractString(line, 'who') AS actor_user_name,
  toUInt64(greatest(JSONExtractInt(line, 'n'), 0)) AS sequence,
  {host:String} AS host`;

export const jsonSource: Source = {
  id: 'test-json',
  title: 'Test events',
  docs: 'https://example.org/',
  framing: 'json',
  recordsFields: ['Records'],
  recognise: (record) => record.includes('"who"') && record.includes('"t"'),
  sigma: [],
  map: `SELECT ${columns} FROM (SELECT *, parseDateTime64BestEffortOrNull(JSONExtractString(line, 't'), 3, 'UTC') AS time_read FROM {records})`,
};

/** \`2023-11-23T00:00:00Z name words\`, a record a line; \`boom\` makes the engine itself fail. */
export const lineSource: Source = {
  id: 'test-lines',
  title: 'Test lines',
  docs: 'https://example.org/',
  framing: 'lines',
  recognise: (record) => /^\d{4}-\d\d-\d\dT\S+ \w+ /.test(record),
  sigma: [],
  map: `SELECT number, line, if(time_read IS NULL, 'no time', '') AS reject,
    ifNull(time_read, toDateTime64(0, 3, 'UTC')) AS time, splitByChar(' ', line)[2] AS actor_user_name,
    toString(throwIf(position(line, 'boom') > 0, 'the mapping broke')) AS message
    FROM (SELECT *, parseDateTime64BestEffortOrNull(splitByChar(' ', line)[1], 3, 'UTC') AS time_read FROM {records})`,
};

export const csvSource: Source = {
  ...lineSource,
  id: 'test-csv',
  framing: 'csv',
  recognise: (record) => /^\d{4}-\d\d-\d\dT[^,]+,"/.test(record),
  map: `SELECT number, line, '' AS reject, parseDateTime64BestEffortOrZero(splitByChar(',', line)[1], 3, 'UTC') AS time
    FROM {records}`,
};

export const testSources: readonly Source[] = [jsonSource, lineSource, csvSource];

export const jsonRecord = (n: number, more: object = {}): string =>
  JSON.stringify({ t: new Date(1.7e12 + n * 1_000).toISOString(), who: `user-${n % 7}`, n, ...more });
