/**
 * Runs one script over a connection that is signed in. It goes to `sh -s` over stdin, in a function that sh has
 * to read whole before it runs anything: a connection that breaks half way runs nothing. The first thing it
 * prints is a word in two halves put together by the host: an echo of our input does not have it, and what a
 * login script prints before it is told apart from the output.
 */
import type { ClientChannel } from 'ssh2';
import type { Clock } from '../kernel/clock.ts';
import { limits } from '../kernel/limits.ts';
import type { Random } from '../kernel/random.ts';
import { printable } from '../kernel/text.ts';
import type { Connection } from './connection.ts';
import type { BrokenCode, RunOutcome, SshTask } from './types.ts';

export interface ScriptPorts {
  clock: Clock;
  random: Random;
}

/** Never rejects: whatever happens from here on is an outcome. */
export function runScript(
  connection: Connection,
  task: SshTask,
  sudo: boolean,
  ports: ScriptPorts,
): Promise<RunOutcome> {
  return new Promise((resolve) => new ScriptRun(connection, task, sudo, ports, resolve).begin());
}

class ScriptRun {
  readonly #startedAt: number;
  readonly #word: string;
  readonly #halves: [string, string];
  #began = false;
  #noise: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #errorTail = '';
  #exit: { code: number | null; signal: string } | undefined;
  #outputEnded = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  readonly #base: number;

  constructor(
    readonly connection: Connection,
    readonly task: SshTask,
    readonly sudo: boolean,
    readonly ports: ScriptPorts,
    readonly settle: (outcome: RunOutcome) => void,
  ) {
    this.#startedAt = ports.clock.monotonicMs();
    const hex = Buffer.from(ports.random.bytes(16)).toString('hex');
    this.#halves = [hex.slice(0, 16), hex.slice(16)];
    this.#word = `${this.#halves.join('')}\n`;
    this.#base = connection.received();
  }

  begin(): void {
    const { connection, task, sudo } = this;
    this.#timer = setTimeout(() => this.#break('timeout', `not done within ${task.msMax} ms`), task.msMax);
    task.signal?.addEventListener('abort', this.#aborted, { once: true });
    connection.onEnd((why) => this.#lost(why));
    try {
      connection.client.exec(sudo ? 'exec sudo -n sh -s' : 'exec sh -s', (error, channel) => {
        if (error) this.#refuseShell(error.message);
        else this.#attach(channel);
      });
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error));
    }
  }

  #attach(channel: ClientChannel): void {
    channel.on('data', (chunk: Buffer) => this.#output(chunk));
    channel.stderr.on('data', (chunk: Buffer) => this.#errors(chunk));
    channel.on('exit', (code: number | null, signal?: string) => {
      this.#exit ??= {
        code: typeof code === 'number' ? code : null,
        signal: printable(String(signal ?? ''), 32),
      };
      this.#linger ??= setTimeout(() => this.#finish(), limits.sshLingerMs);
      if (this.#outputEnded) this.#finish();
    });
    channel.on('end', () => {
      this.#outputEnded = true;
      if (this.#exit) this.#finish();
    });
    channel.on('close', () => (this.#exit ? this.#finish() : this.#closedWithoutExit()));
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    const [first, second] = this.#halves;
    channel.end(
      `printf '%s%s\\n' ${first} ${second}\nfb_main() {\n${this.task.script}\n}\nfb_main </dev/null\n`,
    );
  }

  #output(chunk: Buffer): void {
    if (this.#ended || this.#floods()) return;
    if (this.#began) this.#deliver(chunk);
    else this.#lookForWord(chunk);
  }

  #lookForWord(chunk: Buffer): void {
    this.#noise = this.#noise.length === 0 ? chunk : Buffer.concat([this.#noise, chunk]);
    const at = this.#noise.indexOf(this.#word);
    if (at < 0) {
      if (this.#noise.length > limits.sshNoiseBytesMax)
        this.#refuseShell('it prints on and on instead of running sh');
      return;
    }
    this.#began = true;
    const rest = this.#noise.subarray(at + this.#word.length);
    this.#noise = Buffer.alloc(0);
    if (rest.length > 0) this.#deliver(rest);
  }

  #deliver(chunk: Buffer): void {
    const room = this.task.outputBytesMax - this.#bytes;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#bytes += part.length;
    if (part.length > 0) this.task.onOutput(part);
    if (chunk.length > room) this.#end(this.#answered({ code: null, signal: '' }, true));
  }

  #errors(chunk: Buffer): void {
    if (this.#ended || this.#floods()) return;
    const text = this.#errorTail + chunk.toString('utf8');
    this.#errorTail = text.slice(-limits.sshErrorTailBytesMax);
  }

  /** Whether the host sends far more than its output: then it is not listened to any longer. */
  #floods(): boolean {
    const max = this.task.outputBytesMax + this.task.outputBytesMax / 8 + limits.sshOverheadBytesMax;
    if (this.connection.received() - this.#base <= max) return false;
    this.#break('protocol', `it sent more than ${Math.round(max)} bytes beside its output`);
    return true;
  }

  #finish(): void {
    if (this.#exit === undefined) return;
    if (this.#began) this.#end(this.#answered(this.#exit, false));
    else
      this.#refuseShell(
        this.#lastWords() || `it ended with ${this.#exit.code ?? this.#exit.signal} before running anything`,
      );
  }

  #closedWithoutExit(): void {
    const said = this.#lastWords();
    if (this.#began || !said) this.#break('no-exit', 'it closed the channel without saying how it ended');
    else this.#refuseShell(said);
  }

  #answered(exit: { code: number | null; signal: string }, truncated: boolean): RunOutcome {
    const { hostKey } = this.connection;
    const common = { truncated, bytes: this.#bytes, ms: this.#elapsedMs(), hostKey };
    return { state: 'answered', exitCode: exit.code, signal: exit.signal, ...common };
  }

  #refuseShell(why: string): void {
    if (this.sudo) this.#end({ state: 'refused', code: 'sudo', why: `sudo -n sh: ${printable(why, 300)}` });
    else
      this.#end({ state: 'refused', code: 'shell', why: `no command is run there: ${printable(why, 300)}` });
  }

  /** What the host said before it gave up: the last lines of what it printed and of standard error. */
  #lastWords(): string {
    const last = (text: string) => text.split(/\r?\n/).findLast((line) => line.trim()) ?? '';
    return [last(this.#noise.toString('utf8')), last(this.#errorTail)].filter(Boolean).join('; ').trim();
  }

  #lost(why: string): void {
    if (this.#exit && this.#outputEnded) this.#finish();
    else if (/keepalive/i.test(why)) this.#break('lost', 'it no longer answered');
    else if (/^(connection lost|read econn|no response|the connection ended|socket)/i.test(why))
      this.#break('lost', why);
    else this.#break(/ECONN|EPIPE|disconnect|application/i.test(why) ? 'lost' : 'protocol', why);
  }

  readonly #aborted = (): void => this.#break('cancelled', 'it was cancelled');

  #break(code: BrokenCode, why: string): void {
    // A child that it left behind may hold the output open until the time is up: the script itself has ended.
    if (code === 'timeout' && this.#exit && this.#began) {
      this.#finish();
      return;
    }
    const { hostKey } = this.connection;
    const said = printable(why, 300);
    this.#end({ state: 'broken', code, why: said, bytes: this.#bytes, ms: this.#elapsedMs(), hostKey });
  }

  #elapsedMs(): number {
    return Math.round(this.ports.clock.monotonicMs() - this.#startedAt);
  }

  #end(outcome: RunOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#linger);
    this.task.signal?.removeEventListener('abort', this.#aborted);
    if (this.#errorTail) this.task.onErrorOutput?.(this.#errorTail);
    this.connection.close();
    this.settle(outcome);
  }
}
