/** The lake in a folder: chDB in a process of its own, which is started anew when it dies. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { assertReads, readSettings, streamBounds, wholeBounds, writeSettings } from '../bounds.ts';
import { describeEngineError } from '../errors.ts';
import type { Lake, LakeInput, LakeParameters, ReadBounds } from '../lake.ts';
import { bindParameters } from '../parameters.ts';
import { decodeRows } from '../rows.ts';
import { database, serverSchema } from '../schema.ts';
import { EngineDied, EngineProcess } from './process.ts';
import type { Statement } from './protocol.ts';
import { Slots } from './slots.ts';

/** The lake of a folder on this machine. */
export interface EmbeddedLake extends Lake {
  /** The engine's process id while it runs; for tests that end it. */
  enginePid(): Promise<number | undefined>;
}

/** Opens the lake in `folder`, and makes it when there is none. Throws in_use when another process holds it. */
export async function openEmbeddedLake(folder: string): Promise<EmbeddedLake> {
  const engine = new EngineProcess(folder);
  const slots = new Slots(limits.lakeStatementsMax);
  const run = async (sql: string, parameters: LakeParameters, within: string | undefined): Promise<void> => {
    using _slot = await slots.take();
    await finish(engine, {
      sql,
      parameters: bindParameters(parameters),
      settings: writeSettings,
      kind: 'run',
      database: within,
    });
  };
  try {
    for (const sql of serverSchema()) await run(sql, {}, undefined);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const intake = resolve(folder, 'intake');
  await rm(intake, { recursive: true, force: true });
  return {
    insert: (sql, input, parameters = {}) =>
      withFile(intake, input, (path) => {
        const { format, structure } = input;
        const table = 'file({input_path:String}, {input_format:String}, {input_structure:String})';
        const all = { ...parameters, input_path: path, input_format: format, input_structure: structure };
        return run(sql.replace('{input}', table), all, database);
      }),
    run: (sql, parameters = {}) => run(sql, parameters, database),
    rows: (sql, parameters, bounds) => readWhole(engine, slots, readOf(sql, parameters, wholeBounds(bounds))),
    stream: (sql, parameters, bounds) =>
      readByRow(engine, slots, readOf(sql, parameters, streamBounds(bounds))),
    close: () => engine.close(),
    enginePid: () => engine.pid(),
  };
}

/** Where a file of this machine holds the input: the engine reads it there. What was put away is removed. */
async function withFile(
  folder: string,
  input: LakeInput,
  use: (path: string) => Promise<void>,
): Promise<void> {
  if ('path' in input) return use(input.path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  try {
    await writeFile(path, input.bytes, { mode: 0o600 });
    await use(path);
  } finally {
    await rm(path, { force: true });
  }
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

/** A read whose engine died is tried once more, on a new engine: nothing of it has been handed out. */
async function readWhole<Row>(engine: EngineProcess, slots: Slots, statement: Statement): Promise<Row[]> {
  using _slot = await slots.take();
  for (let attempt = 1; ; attempt++)
    try {
      const rows: Row[] = [];
      for await (const row of decodeRows<Row>(engine.ask(statement))) rows.push(row);
      return rows;
    } catch (error) {
      if (!(error instanceof EngineDied) || attempt > 1) throw describe(error);
    }
}

async function* readByRow<Row>(
  engine: EngineProcess,
  slots: Slots,
  statement: Statement,
): AsyncGenerator<Row> {
  using _slot = await slots.take();
  let given = false;
  for (;;)
    try {
      for await (const row of decodeRows<Row>(engine.ask(statement))) {
        given = true;
        yield row;
      }
      return;
    } catch (error) {
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
