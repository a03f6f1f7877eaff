/** The lake in a folder: chDB in a process of its own, which is started anew when it dies. */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FirebreakError } from '../../kernel/errors.ts';
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
import type { Lake, LakeParameters, ReadBounds, StatementWatch } from '../lake.ts';
import { bindParameters } from '../parameters.ts';
import { decodeRows } from '../rows.ts';
import { database, quoteName, serverSchema } from '../schema.ts';
import { type FollowedStatement, type FollowTools, followStatement } from './follow-statement.ts';
import { insertInto } from './insert.ts';
import { EngineDied, EngineProcess } from './process.ts';
import type { Statement } from './protocol.ts';
import { Slots } from './slots.ts';

/** The lake of a folder on this machine. */
export interface EmbeddedLake extends Lake {
  /** The engine's process id while it runs; for tests that end it. */
  enginePid(): Promise<number | undefined>;
}

/** Opens the lake in `folder`, and makes it when there is none. Throws in_use when another process holds it. */
export async function openEmbeddedLake(
  folder: string,
  { silenceMsMax }: { silenceMsMax?: number } = {},
): Promise<EmbeddedLake> {
  const engine = new EngineProcess(folder, silenceMsMax);
  const slots = new Slots(limits.lakeStatementsMax);
  const run = async (sql: string, parameters: LakeParameters, settings: Settings): Promise<void> => {
    using _slot = await slots.take();
    await finish(engine, {
      sql,
      parameters: bindParameters(parameters),
      settings,
      kind: 'run',
      database,
    });
  };
  try {
    for (const sql of serverSchema()) await finish(engine, ddl(sql));
  } catch (error) {
    await engine.close();
    throw error;
  }
  const tools = {
    engine,
    slots,
    folder: resolve(folder, 'intake'),
    run: (sql: string, parameters: LakeParameters, settings: Settings) =>
      run(sql, parameters, { ...intakeSettings, ...settings }),
    look: <Row>(sql: string) => lookUp<Row>(engine, sql),
    tell: (sql: string) => finish(engine, { sql, parameters: {}, settings: {}, kind: 'tell', database }),
  };
  await rm(tools.folder, { recursive: true, force: true });
  return {
    readsFiles: true,
    insert: (sql, input, parameters = {}, options = {}) => insertInto(tools, sql, input, parameters, options),
    run: (sql, parameters = {}) => run(sql, parameters, writeSettings),
    erase: (table, condition, parameters = {}) =>
      run(`DELETE FROM ${quoteName(table)} WHERE ${condition}`, parameters, writeSettings),
    rows: (sql, parameters, options = {}) =>
      readWhole(tools, readOf(sql, parameters, wholeBounds(options)), options),
    stream: (sql, parameters, options = {}) =>
      readByRow(tools, readOf(sql, parameters, streamBounds(options)), options),
    syntaxTree: async (sql) => {
      const bounds = wholeBounds({ rowsMax: limits.lakeQueryNodesMax });
      const statement = { ...readOf(sql, {}, bounds), kind: 'explain', sql: `EXPLAIN AST ${sql}` } as const;
      return (await readWhole<{ explain: string }>(tools, statement, {})).map(({ explain }) => explain);
    },
    close: () => engine.close(),
    enginePid: () => engine.pid(),
  };
}

/** A statement that makes the database itself runs outside of it. */
const ddl = (sql: string): Statement => ({
  sql,
  parameters: {},
  settings: writeSettings,
  kind: 'run',
  database: undefined,
});

/** What the engine says of itself; no slot, so that it answers while statements run. */
async function lookUp<Row>(engine: EngineProcess, sql: string): Promise<Row[]> {
  const settings = readSettings(wholeBounds({ msMax: limits.lakeReadGraceMs }));
  const statement: Statement = {
    sql,
    parameters: {},
    settings,
    kind: 'look',
    database,
  };
  const rows: Row[] = [];
  for await (const row of decodeRows<Row>(engine.ask(statement))) rows.push(row);
  return rows;
}

function readOf(
  sql: string,
  parameters: LakeParameters | undefined,
  bounds: Required<ReadBounds>,
): Statement {
  assertReads(sql);
  return {
    sql,
    parameters: bindParameters(parameters),
    settings: readSettings(bounds),
    kind: 'read',
    database,
  };
}

/** A write is not tried again: it may have been done before the engine died. */
async function finish(engine: EngineProcess, statement: Statement): Promise<void> {
  try {
    for await (const _bytes of engine.ask(statement));
  } catch (error) {
    throw describe(error);
  }
}

const marked = (statement: Statement, { settings }: FollowedStatement): Statement => ({
  ...statement,
  settings: { ...statement.settings, ...settings },
});

/** What a statement that reads is run with. */
interface ReadTools extends FollowTools {
  engine: EngineProcess;
  slots: Slots;
}

/** A read whose engine died is tried once more, on a new engine: nothing of it has been handed out. */
async function readWhole<Row>(tools: ReadTools, statement: Statement, watch: StatementWatch): Promise<Row[]> {
  using _slot = await tools.slots.take();
  watch.signal?.throwIfAborted();
  await using followed = followStatement(tools, watch);
  for (let attempt = 1; ; attempt++)
    try {
      const rows: Row[] = [];
      const answer = tools.engine.ask(marked(statement, followed));
      for await (const row of decodeRows<Row>(answer)) rows.push(row);
      watch.signal?.throwIfAborted();
      return rows;
    } catch (error) {
      watch.signal?.throwIfAborted();
      if (!(error instanceof EngineDied) || attempt > 1) throw describe(error);
    }
}

async function* readByRow<Row>(
  tools: ReadTools,
  statement: Statement,
  watch: StatementWatch,
): AsyncGenerator<Row> {
  using _slot = await tools.slots.take();
  watch.signal?.throwIfAborted();
  await using followed = followStatement(tools, watch);
  let given = false;
  for (;;)
    try {
      for await (const row of decodeRows<Row>(tools.engine.ask(marked(statement, followed)))) {
        given = true;
        yield row;
      }
      watch.signal?.throwIfAborted();
      return;
    } catch (error) {
      watch.signal?.throwIfAborted();
      if (!(error instanceof EngineDied) || given) throw describe(error);
      given = true;
    }
}

function describe(error: unknown): FirebreakError {
  if (!(error instanceof EngineDied)) return describeEngineError(error);
  return new FirebreakError(
    'unavailable',
    `${error.message} during a statement; it starts again at the next one`,
    {
      retry: 'later',
      cause: error,
    },
  );
}
