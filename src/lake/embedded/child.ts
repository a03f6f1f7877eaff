/**
 * The embedded engine's process: chDB, which is native code and may crash, away from everything else. It opens
 * one folder, runs statements, each on a connection of its own, and exits when the process that started it is gone.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { Session } from 'chdb';
import {
  decodeBody,
  encodeBody,
  encodeFrame,
  type Failure,
  type Frame,
  FrameDecoder,
  kinds,
  type Statement,
} from './protocol.ts';

const [folder = '', config = '', ...bounds] = process.argv.slice(2);
const [frameBytes = 0, unansweredMax = 0] = bounds.map(Number);
const pipe = new Socket({ fd: 3, readable: true, writable: true });

// A statement may still run on native threads, which an orderly exit would wait for.
const leave = (): void => void process.kill(process.pid, 'SIGKILL');
pipe.on('close', leave);
pipe.on('error', leave);
// The terminal's interrupt goes to all processes of the group; the parent decides when this one ends.
process.on('SIGINT', () => {});

async function send(kind: number, statement: number, payload?: Uint8Array): Promise<void> {
  if (!pipe.write(encodeFrame(kind, statement, payload))) await once(pipe, 'drain');
}

const describe = (error: unknown): Failure => ({
  message: error instanceof Error ? error.message : String(error),
});

/** A statement under way: how often its asker has pulled, and whether he still wants the answer. */
class Task {
  cancelled = false;
  #pulls = 0;
  #wake: (() => void) | undefined;

  pull(): void {
    this.#pulls++;
    this.#wake?.();
  }

  cancel(): void {
    this.cancelled = true;
    this.#wake?.();
  }

  /** Waits until the next frame is asked for; false when none will be. */
  async wanted(): Promise<boolean> {
    while (this.#pulls === 0 && !this.cancelled)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#pulls--;
    return !this.cancelled;
  }
}

const tasks = new Map<number, Task>();

function open(): Session {
  return new Session(folder, { connectionArgs: [`--config-file=${config}`] });
}

/**
 * After a crash in one of its threads the engine ends nothing for 100 seconds: that thread sleeps, statements that
 * waited for it wait on, and new ones are refused with these words.
 */
const isDying = (error: unknown): boolean =>
  describe(error).message.includes('shutting down due to a fatal error');

/** Pings since the engine was asked for a sign of life that it still owes; nothing while it owes none. */
let unanswered: number | undefined;
/**
 * Asks the engine itself for a sign of life, and ends this process when it is dying, or says nothing because the
 * thread that crashed sleeps with a lock that all others need.
 */
async function lookAfterEngine(): Promise<void> {
  if (unanswered !== undefined && ++unanswered >= unansweredMax) leave();
  if (unanswered !== undefined || tasks.size === 0) return;
  unanswered = 0;
  try {
    await keeper?.queryAsync('SELECT 1');
  } catch (error) {
    if (isDying(error)) leave();
  } finally {
    unanswered = undefined;
  }
}

/** Holds the folder as long as this process lives, so that the others open and close cheaply. */
let keeper: Session | undefined;

async function execute(number: number, statement: Statement): Promise<void> {
  const task = new Task();
  tasks.set(number, task);
  const session = open();
  try {
    for (const sql of preamble(statement)) await session.queryAsync(sql);
    if (statement.kind === 'run') await session.queryBindAsync(statement.sql, statement.parameters);
    else if (statement.kind === 'tell') await session.queryAsync(statement.sql);
    else if (statement.kind === 'explain') await explain(session, number, statement, task);
    else await answer(session, number, statement, task);
    await send(kinds.done, number);
  } catch (error) {
    if (isDying(error)) leave();
    await send(kinds.failed, number, encodeBody(describe(error)));
  } finally {
    tasks.delete(number);
    session.close();
  }
}

async function answer(session: Session, number: number, statement: Statement, task: Task): Promise<void> {
  const stream = session.queryStreamBind(statement.sql, statement.parameters, { format: 'JSONEachRow' });
  try {
    for await (const chunk of stream) {
      const bytes = chunk.raw();
      for (let at = 0; at < bytes.length; at += frameBytes) {
        if (!(await task.wanted())) return;
        await send(kinds.bytes, number, bytes.subarray(at, at + frameBytes));
      }
    }
  } finally {
    stream.cancel();
  }
}

/** The engine streams no EXPLAIN. */
async function explain(session: Session, number: number, statement: Statement, task: Task): Promise<void> {
  const result = await session.queryAsync(statement.sql, { format: 'JSONEachRow' });
  const bytes = Buffer.from(result.text());
  for (let at = 0; at < bytes.length; at += frameBytes) {
    if (!(await task.wanted())) return;
    await send(kinds.bytes, number, bytes.subarray(at, at + frameBytes));
  }
}

/** What makes a new connection the statement's own. `readonly` comes last: nothing can be set after it. */
function preamble({ kind, database, settings }: Statement): string[] {
  const set = Object.entries(settings).map(([name, value]) =>
    typeof value === 'number' ? `${name} = ${value}` : `${name} = '${value}'`,
  );
  if (kind !== 'run' && kind !== 'tell') set.push('readonly = 1');
  return [
    ...(database === undefined ? [] : [`USE ${database}`]),
    ...(kind === 'read' || kind === 'explain' ? ['SET ROLE reader'] : []),
    ...(set.length === 0 ? [] : [`SET ${set.join(', ')}`]),
  ];
}

function handle({ kind, statement, payload }: Frame): void {
  if (kind === kinds.begin) void execute(statement, decodeBody<Statement>(payload));
  if (kind === kinds.pull) tasks.get(statement)?.pull();
  if (kind === kinds.cancel) tasks.get(statement)?.cancel();
  if (kind === kinds.ping) {
    void send(kinds.pong, 0);
    void lookAfterEngine();
  }
  if (kind === kinds.close) {
    keeper?.close();
    leave();
  }
}

const decoder = new FrameDecoder();
pipe.on('data', (piece: Buffer) => {
  for (const frame of decoder.push(piece)) handle(frame);
});

try {
  keeper = open();
  await send(kinds.opened, 0);
} catch (error) {
  await send(kinds.opened, 0, encodeBody(describe(error)));
}
