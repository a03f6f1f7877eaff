/**
 * The tables of the lake as DDL, made from the columns of events.ts: for one server, and for a cluster, where
 * each table is a replicated one on every shard with a distributed one before it.
 */
import { limits } from '../kernel/limits.ts';
import { type EventColumn, mappedColumns, originColumns } from './events.ts';

/** The database that every statement of the lake runs in. */
export const database = 'firebreak';

/** Where a cluster keeps its tables: macros that each of its servers defines. */
export interface ClusterLayout {
  /** The name of the cluster in the servers' configuration. */
  name: string;
}

interface Table {
  name: string;
  columns: string;
  partition?: string;
  order: string;
  /** Settings of its own, besides what makes it durable. */
  settings?: string;
  /** What spreads rows over the shards of a cluster; the same for all rows of one file, so that a file is whole. */
  shardBy: string;
}

/**
 * Time that a log claims may be any. Months outside of these years share one partition, so that hostile
 * times can't make thousands.
 */
const yearFirst = 2010;
const yearLast = 2039;
const month = `if(toYear(time) BETWEEN ${yearFirst} AND ${yearLast}, toYYYYMM(time), 0)`;

const columnList = (columns: Readonly<Record<string, EventColumn>>): string =>
  Object.entries(columns)
    .map(([name, { type }]) => `  ${name} ${type}`)
    .join(',\n');

const eventColumns: Readonly<Record<string, EventColumn>> = { ...originColumns, ...mappedColumns };

/** Columns of `files` that lakes of earlier versions do not have yet. */
const laterColumns = ['  content String', '  content_bytes UInt64', '  head String', '  grew_from String'];

const tables: readonly Table[] = [
  {
    name: 'events',
    columns: `${columnList(eventColumns)},\n  INDEX of_file file_id TYPE set(64) GRANULARITY 1`,
    partition: month,
    order: 'source, time, file_id, line',
    // A part as it comes in is one file: a file or two for each of sixty columns cost more than what is in them. Merges
    // make parts with a file a column of it.
    settings: `min_bytes_for_wide_part = ${4 * limits.ingestBlockBytes}`,
    shardBy: 'cityHash64(file_id)',
  },
  {
    name: 'rejects',
    columns: [
      '  file_id FixedString(64)',
      '  line UInt64',
      '  source LowCardinality(String)',
      '  reason String',
      '  raw String CODEC(ZSTD(3))',
    ].join(',\n'),
    order: 'file_id, line',
    shardBy: 'cityHash64(file_id)',
  },
  {
    // A row says that every record of the file is in the lake: it is written last.
    name: 'files',
    columns: [
      '  file_id FixedString(64)',
      '  path String',
      '  source LowCardinality(String)',
      '  host String',
      '  bytes UInt64',
      ...laterColumns,
      '  records UInt64',
      '  events UInt64',
      '  rejects UInt64',
      '  blank UInt64',
      "  first_time Nullable(DateTime64(3, 'UTC'))",
      "  last_time Nullable(DateTime64(3, 'UTC'))",
      "  ingested_at DateTime64(3, 'UTC')",
    ].join(',\n'),
    order: 'file_id',
    shardBy: 'cityHash64(file_id)',
  },
  {
    // A row says that records of the file may be in the lake: it is written first.
    name: 'ingests',
    columns: [
      '  file_id FixedString(64)',
      '  path String',
      '  source LowCardinality(String)',
      '  host String',
      "  begun_at DateTime64(3, 'UTC')",
    ].join(',\n'),
    order: 'file_id',
    shardBy: 'cityHash64(file_id)',
  },
  {
    // What was seen on hosts. A row without an artifact says that its host gave the artifact named by its key.
    name: 'facts',
    columns: [
      '  collection_id LowCardinality(String)',
      '  load LowCardinality(String)',
      '  host String',
      '  role LowCardinality(String)',
      '  site LowCardinality(String)',
      '  environment LowCardinality(String)',
      '  artifact LowCardinality(String)',
      '  key String',
      '  value String',
      '  detail Map(LowCardinality(String), String)',
      '  technique LowCardinality(String)',
      "  at Nullable(DateTime64(3, 'UTC'))",
      '  owner LowCardinality(String)',
      '  path String',
      '  sha256 String',
      '  rule LowCardinality(String)',
      '  score UInt8',
      '  why String',
      '  thing UInt64 MATERIALIZED cityHash64(artifact, key)',
      '  fact UInt64 MATERIALIZED cityHash64(artifact, key, value)',
    ].join(',\n'),
    order: 'collection_id, role, artifact, thing, fact, host',
    shardBy: 'cityHash64(collection_id, host)',
  },
];

/** The tables that a person's own statement may read. */
export const readableTables: readonly string[] = tables.map(({ name }) => name);

// What an insert has acknowledged survives the loss of power, and so does what merges make of it.
const durable = 'fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1';

/** The statements that make the lake on one server; each may run again. */
export function serverSchema(): string[] {
  return [
    `CREATE DATABASE IF NOT EXISTS ${database}`,
    ...tables.map((table) => createTable(table, table.name, 'MergeTree', durable)),
    addColumns('files'),
    ...intakeSchema(),
  ];
}

/** The statements that make the lake on a cluster whose servers define the macros `shard` and `replica`. */
export function clusterSchema({ name }: ClusterLayout): string[] {
  const on = ` ON CLUSTER ${quoteName(name)}`;
  const replicated = (table: Table): string =>
    `ReplicatedMergeTree('/clickhouse/tables/{shard}/${database}/${table.name}', '{replica}')`;
  return [
    `CREATE DATABASE IF NOT EXISTS ${database}${on}`,
    ...tables.map((table) => createTable(table, `${table.name}_local`, replicated(table), `${durable}`, on)),
    addColumns('files_local', on),
    ...tables.map(
      (table) =>
        `CREATE TABLE IF NOT EXISTS ${database}.${table.name}${on} AS ${database}.${table.name}_local\n` +
        `ENGINE = Distributed(${quoteName(name)}, ${database}, ${table.name}_local, ${table.shardBy})`,
    ),
    addColumns('files', on),
    ...intakeSchema(on),
  ];
}

function addColumns(table: string, on = ''): string {
  const columns = laterColumns.map((column) => `ADD COLUMN IF NOT EXISTS ${column.trim()}`);
  return `ALTER TABLE ${database}.${table}${on} ${columns.join(', ')}`;
}

/**
 * Where mapped records go in: one INSERT, one mapping, and each record lands among the events or the rejects. The
 * table itself keeps nothing.
 */
function intakeSchema(on = ''): string[] {
  const names = Object.keys(eventColumns);
  const columns = names.map((name) => `  ${name} ${eventColumns[name]?.type.replace(/ CODEC\(.*\)$/, '')}`);
  const view = (table: string, select: string): string =>
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.intake_${table}${on} TO ${database}.${table}\n` +
    `AS SELECT ${select}\nFROM ${database}.intake`;
  return [
    `CREATE TABLE IF NOT EXISTS ${database}.intake${on}\n(\n${[...columns, '  reject String'].join(',\n')}\n)\nENGINE = Null`,
    `${view('events', names.join(', '))} WHERE reject = ''`,
    `${view('rejects', 'file_id, line, source, reject AS reason, raw')} WHERE reject != ''`,
  ];
}

/** The role that whatever is read is read as. On a server its user must be allowed to make roles, once. */
export const readerRole = 'firebreak_reader';

export function readerSchema(cluster?: ClusterLayout): string[] {
  const on = cluster ? ` ON CLUSTER ${quoteName(cluster.name)}` : '';
  const names = tables.flatMap(({ name }) => (cluster ? [name, `${name}_local`] : [name]));
  return [
    `CREATE ROLE IF NOT EXISTS ${readerRole}${on}`,
    ...names.map((name) => `GRANT${on} SELECT ON ${database}.${name} TO ${readerRole}`),
    `GRANT${on} ${readerRole} TO CURRENT_USER`,
  ];
}

function createTable(table: Table, name: string, engine: string, settings: string, on = ''): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${database}.${name}${on}\n(\n${table.columns}\n)`,
    `ENGINE = ${engine}`,
    ...(table.partition === undefined ? [] : [`PARTITION BY ${table.partition}`]),
    `ORDER BY (${table.order})`,
    `SETTINGS ${[settings, ...(table.settings === undefined ? [] : [table.settings])].join(', ')}`,
  ].join('\n');
}

/** A name as an identifier of the engine. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
