/**
 * The embedded engine as seen from this process: started when it is first needed, started anew after it has
 * died, and asked over one pipe. A statement that was under way when it died fails with `EngineDied`; what it
 * had acknowledged before is in its folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import { packageFile } from '../../kernel/paths.ts';
import { writeConfig } from './config.ts';
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

const log = logger('lake');

/** The engine's process ended while a statement was under way. */
export class EngineDied extends Error {
  constructor(how: string) {
    super(`the embedded engine ended (${how})`);
    this.name = 'EngineDied';
  }
}

/** The engine refused or broke off a statement; the message is the engine's. */
class StatementFailed extends Error {
  override readonly name = 'StatementFailed';
}

/** What waits for frames of one statement. */
interface Listener {
  frame(frame: Frame): void;
  died(error: EngineDied): void;
}

export class EngineProcess {
  readonly #folder: string;
  readonly #silenceMsMax: number;
  #running: Promise<Running> | undefined;
  #closed = false;

  /** An engine that owes an answer and gives no sign of life for `silenceMsMax` is ended. */
  constructor(folder: string, silenceMsMax: number = limits.lakeSilenceMsMax) {
    this.#folder = folder;
    this.#silenceMsMax = silenceMsMax;
  }

  /** The engine's process id while it runs. */
  async pid(): Promise<number | undefined> {
    return (await this.#running)?.pid;
  }

  /** Begins a statement; frames of bytes come as they are asked for. */
  async *ask(statement: Statement): AsyncGenerator<Buffer, void, undefined> {
    yield* (await this.#start()).ask(statement);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = await this.#running?.catch(() => undefined);
    await running?.close();
  }

  #start(): Promise<Running> {
    if (this.#closed) return Promise.reject(new FirebreakError('unavailable', 'the lake is closed'));
    const forget = (): void => {
      this.#running = undefined;
    };
    this.#running ??= startProcess(this.#folder, this.#silenceMsMax, forget).catch((error: unknown) => {
      forget();
      throw error;
    });
    return this.#running;
  }
}

/** Node 20 starts no process from TypeScript, so sources that run unbuilt use the built child. */
function childFile(): string {
  if (import.meta.url.endsWith('.js')) return fileURLToPath(new URL('./child.js', import.meta.url));
  const built = packageFile('dist', 'src', 'lake', 'embedded', 'child.js');
  if (!existsSync(built))
    throw new FirebreakError('internal', 'the embedded engine is not built: run `npm run build`');
  return built;
}

/** Starts a process, again while another still holds the folder, such as one whose parent was just killed. */
async function startProcess(folder: string, silenceMsMax: number, ended: () => void): Promise<Running> {
  const { data, config } = await writeConfig(folder);
  const deadline = performance.now() + limits.lakeOpenMsMax;
  for (;;) {
    const running = new Running(data, config, ended);
    const failure = await running.opened;
    if (failure === undefined) {
      running.watch(silenceMsMax);
      return running;
    }
    await running.close();
    const held = /lock file|already running|Failed to create connection/i.test(
      `${failure.message} ${running.lastWords}`,
    );
    if (!held)
      throw new FirebreakError('unavailable', `the lake in ${folder} does not open: ${failure.message}`);
    if (performance.now() > deadline)
      throw new FirebreakError('in_use', `the lake in ${folder} is held by another process`, {
        retry: 'later',
      });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One process of the engine, from its start to its end. */
class Running {
  readonly pid: number | undefined;
  /** Nothing when the folder is open, or why it is not. */
  readonly opened: Promise<Failure | undefined>;
  /** The end of what the process wrote to stderr: the engine's own report of a crash. */
  lastWords = '';
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #listeners = new Map<number, Listener>();
  readonly #exited: Promise<void>;
  #next = 1;
  #death: EngineDied | undefined;
  #unanswered = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(data: string, config: string, ended: () => void) {
    // No variable of ours reaches the engine: it has no use for credentials, and it would look for some.
    const env = {
      PATH: process.env.PATH ?? '',
      TZ: 'UTC',
      UV_THREADPOOL_SIZE: String(limits.lakeStatementsMax * 2),
    };
    const bounds = [limits.lakeFrameBytesMax, limits.lakeSilenceMsMax / limits.lakePingMs].map(String);
    const args = [childFile(), data, config, ...bounds];
    this.#child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.pid = this.#child.pid;
    this.#pipe = this.#child.stdio[3] as Duplex;
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.lastWords = `${this.lastWords}${text.toString('utf8')}`.slice(-4_000);
    });
    this.#pipe.on('error', (error) => log.debug({ error }, 'the pipe to the engine broke'));
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#die(messageOf(error), resolve, ended));
      this.#child.once('close', (code, signal) => this.#die(signal ?? `exit code ${code}`, resolve, ended));
    });
    this.opened = this.#awaitOpening();
    const decoder = new FrameDecoder();
    this.#pipe.on('data', (piece: Buffer) => {
      this.#unanswered = 0;
      for (const frame of decoder.push(piece)) this.#listeners.get(frame.statement)?.frame(frame);
    });
  }

  /**
   * Ends a process that hangs, as it does for 100 seconds after a crash in its main thread. Counted in pings, not in
   * time: a pause of this process or of the machine is no silence of the engine's.
   */
  watch(silenceMsMax: number): void {
    this.#watch = setInterval(() => {
      if (this.#listeners.size === 0) this.#unanswered = 0;
      else if (this.#unanswered++ >= silenceMsMax / limits.lakePingMs) this.kill();
      else this.#send(kinds.ping, 0);
    }, limits.lakePingMs).unref();
  }

  #awaitOpening(): Promise<Failure | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.kill(), limits.lakeOpenMsMax);
      const settle = (failure: Failure | undefined): void => {
        clearTimeout(timer);
        this.#listeners.delete(0);
        resolve(failure);
      };
      this.#listeners.set(0, {
        frame: ({ payload }) => settle(payload.length === 0 ? undefined : decodeBody<Failure>(payload)),
        died: (error) => settle({ message: error.message }),
      });
    });
  }

  #die(how: string, resolve: () => void, ended: () => void): void {
    if (this.#death !== undefined) return;
    clearInterval(this.#watch);
    this.#death = new EngineDied(how);
    log.debug({ how, lastWords: this.lastWords }, 'the engine ended');
    ended();
    for (const listener of [...this.#listeners.values()]) listener.died(this.#death);
    resolve();
  }

  /** Frames of the answer, each asked for when the reader wants it; the statement ends when he stops reading. */
  async *ask(statement: Statement): AsyncGenerator<Buffer, void, undefined> {
    const number = this.#next++;
    const frames: Frame[] = [];
    let wake = (): void => {};
    this.#listeners.set(number, {
      frame: (frame) => {
        frames.push(frame);
        wake();
      },
      died: () => wake(),
    });
    let over = false;
    try {
      this.#send(kinds.begin, number, encodeBody(statement));
      for (;;) {
        this.#send(kinds.pull, number);
        const frame = await this.#nextFrame(frames, (resume) => {
          wake = resume;
        });
        over = frame.kind !== kinds.bytes;
        if (frame.kind === kinds.failed)
          throw new StatementFailed(decodeBody<Failure>(frame.payload).message);
        if (over) return;
        yield frame.payload;
      }
    } finally {
      this.#listeners.delete(number);
      if (!over) this.#send(kinds.cancel, number);
    }
  }

  async #nextFrame(frames: Frame[], onWake: (resume: () => void) => void): Promise<Frame> {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      if (this.#death !== undefined) throw this.#death;
      await new Promise<void>(onWake);
    }
  }

  #send(kind: number, statement: number, payload?: Uint8Array): void {
    // The pipe of a process that has died is closed before its end is known.
    if (this.#pipe.writable) this.#pipe.write(encodeFrame(kind, statement, payload));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.#send(kinds.close, 0);
    const timer = setTimeout(() => this.kill(), limits.lakeCloseMsMax);
    await this.#exited;
    clearTimeout(timer);
  }
}
