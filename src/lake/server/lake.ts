/**
 * The lake on a ClickHouse server or cluster, over HTTP. What reads runs as a role that may only SELECT from the
 * lake, with the server's own `readonly`; every bound is a setting that the server keeps.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import {
  ClickHouseError,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import {
  assertReads,
  intakeSettings,
  readSettings,
  type Settings,
  streamBounds,
  wholeBounds,
  writeSettings,
} from '../bounds.ts';
import { describeEngineError } from '../errors.ts';
import type { Lake, LakeInput, LakeParameters, ReadBounds, ReadOptions, StatementWatch } from '../lake.ts';
import { bindParameters } from '../parameters.ts';
import { parseRow } from '../rows.ts';
import { clusterSchema, database, quoteName, readerRole, readerSchema, serverSchema } from '../schema.ts';
import { readPlace } from './place.ts';

type Client = ReturnType<typeof createClient>;

/** `http://user:password@host:8123/?cluster=name`. Makes the tables and the reading role where they are absent. */
export async function openServerLake(address: string): Promise<Lake> {
  const { url, cluster } = readPlace(address);
  const options = {
    url,
    request_timeout: limits.lakeStreamMsMax,
    max_open_connections: limits.lakeStatementsMax,
    // It would print statements and their parameters.
    log: { level: ClickHouseLogLevel.OFF },
  };
  // Nothing can be said within a database before it is made.
  const maker = createClient(options);
  const client = createClient({ ...options, database });
  const layout = cluster === undefined ? undefined : { name: cluster };
  try {
    for (const sql of layout ? clusterSchema(layout) : serverSchema())
      await command(maker, sql, writeSettings);
    await makeReader(maker, readerSchema(layout));
  } catch (error) {
    await client.close();
    throw error;
  } finally {
    await maker.close();
  }
  return {
    readsFiles: false,
    insert: (sql, input, parameters, insertOptions) => insert(client, sql, input, parameters, insertOptions),
    run: (sql, parameters) => command(client, sql, writeSettings, parameters),
    erase: (table, condition, parameters) => {
      const on = layout ? ` ON CLUSTER ${quoteName(layout.name)}` : '';
      const name = quoteName(layout ? `${table}_local` : table);
      return command(client, `DELETE FROM ${name}${on} WHERE ${condition}`, writeSettings, parameters);
    },
    rows: async <Row>(sql: string, parameters?: LakeParameters, options: ReadOptions = {}) => {
      const rows: Row[] = [];
      for await (const row of read<Row>(client, sql, parameters, wholeBounds(options), options))
        rows.push(row);
      return rows;
    },
    stream: (sql, parameters, options = {}) => read(client, sql, parameters, streamBounds(options), options),
    syntaxTree: async (sql) => {
      assertReads(sql);
      const bounds = wholeBounds({ rowsMax: limits.lakeQueryNodesMax });
      const nodes: string[] = [];
      for await (const row of send<{ explain: string }>(client, `EXPLAIN AST ${sql}`, {}, bounds))
        nodes.push(row.explain);
      return nodes;
    },
    close: () => client.close(),
  };
}

async function makeReader(client: Client, statements: readonly string[]): Promise<void> {
  try {
    for (const sql of statements) await command(client, sql, {});
  } catch (error) {
    throw new FirebreakError(
      'refused',
      `the lake's reading role can not be made: an administrator of the server may run \`${statements.join('; ')}\` for the user of FIREBREAK_CLICKHOUSE_URL (${messageOf(error)})`,
      { cause: error },
    );
  }
}

async function command(
  client: Client,
  sql: string,
  settings: Settings,
  parameters: LakeParameters = {},
): Promise<void> {
  try {
    await client.command({
      query: sql,
      query_params: bindParameters(parameters),
      clickhouse_settings: asTheirs(settings),
    });
  } catch (error) {
    throw describe(error);
  }
}

async function insert(
  client: Client,
  sql: string,
  input: LakeInput,
  parameters: LakeParameters = {},
  { signal }: StatementWatch = {},
): Promise<void> {
  signal?.throwIfAborted();
  const encoding = 'path' in input && input.compression !== undefined && input.compression !== 'none';
  const structure = input.structure.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  try {
    const { stream } = await client.exec({
      query: `${sql.replace('{input}', () => `input('${structure}')`)} FORMAT ${input.format}`,
      values:
        'path' in input ? createReadStream(input.path) : Readable.from(input.bytes, { objectMode: false }),
      query_params: bindParameters(parameters),
      clickhouse_settings: asTheirs(intakeSettings),
      ...(encoding && { http_headers: { 'content-encoding': input.compression as string } }),
      ...(signal && { abort_signal: signal }),
    });
    // The answer is empty; reading it to its end gives the connection back.
    for await (const _piece of stream);
  } catch (error) {
    signal?.throwIfAborted();
    throw describe(error);
  }
}

function read<Row>(
  client: Client,
  sql: string,
  parameters: LakeParameters = {},
  bounds: Required<ReadBounds>,
  watch: StatementWatch,
): AsyncGenerator<Row> {
  assertReads(sql);
  return send(client, sql, parameters, bounds, watch);
}

async function* send<Row>(
  client: Client,
  sql: string,
  parameters: LakeParameters,
  bounds: Required<ReadBounds>,
  { signal }: StatementWatch = {},
): AsyncGenerator<Row> {
  signal?.throwIfAborted();
  try {
    const answer = await client.query({
      query: sql,
      format: 'JSONEachRow',
      query_params: bindParameters(parameters),
      clickhouse_settings: asTheirs({ ...readSettings(bounds), readonly: 1 }),
      role: readerRole,
      use_multipart_params_auto: true,
      ...(signal && { abort_signal: signal }),
    });
    for await (const rows of answer.stream()) for (const row of rows) yield parseRow<Row>(row.text);
  } catch (error) {
    signal?.throwIfAborted();
    throw describe(error);
  }
}

const asTheirs = (settings: Settings): ClickHouseSettings => settings as ClickHouseSettings;

/** https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp: REQUIRED_PASSWORD, AUTHENTICATION_FAILED */
const credentialCodes = ['194', '516'];

function describe(error: unknown): FirebreakError {
  if (error instanceof FirebreakError) return error;
  if (!(error instanceof ClickHouseError))
    return new FirebreakError('unavailable', `the ClickHouse server does not answer: ${messageOf(error)}`, {
      retry: 'later',
      cause: error,
    });
  if (credentialCodes.includes(error.code))
    return new FirebreakError(
      'refused',
      'the ClickHouse server refuses the user or password of FIREBREAK_CLICKHOUSE_URL',
      {
        cause: error,
      },
    );
  return describeEngineError(error);
}
