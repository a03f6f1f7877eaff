/**
 * Connections to jump hosts. One is shared by all hosts behind it, opened when the first needs it and closed when
 * nobody has for a while; one that could not be opened is not tried again at once for each of its hosts.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import { limits } from '../kernel/limits.ts';
import type { Connection, Refused } from './connection.ts';
import { fromForwardError, type Unreachable, unreachable } from './failures.ts';
import { routeOf, type Target } from './resolve-host.ts';

type Opened = Connection | Refused | Unreachable;

interface Jump {
  opening: Promise<Opened>;
  users: number;
  failedAtMs: number | undefined;
  idle: NodeJS.Timeout | undefined;
}

export class Jumps {
  readonly #jumps = new Map<string, Jump>();
  readonly #open: (target: Target) => Promise<Opened>;
  readonly #clock: Clock;

  /** `open` connects to a jump host, itself through the one before it. */
  constructor(open: (target: Target) => Promise<Opened>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** A socket to `address:port` through the jump host; `release` when it is no longer used. */
  async dial(
    via: Target,
    to: { address: string; port: number },
    ms: number,
  ): Promise<{ socket: Duplex; release(): void } | Unreachable> {
    const route = routeOf(via);
    const jump = this.#take(route, via);
    const release = () => this.#release(route, jump);
    const opened = await jump.opening;
    if (opened.state !== 'connected') {
      release();
      return unreachable('jump', `${via.host.name}: ${opened.why}`);
    }
    const socket = await forward(opened, to, ms);
    if ('state' in socket) {
      release();
      return socket.code === 'jump' ? unreachable('jump', `${via.host.name}: ${socket.why}`) : socket;
    }
    return { socket, release };
  }

  closeAll(): void {
    for (const jump of this.#jumps.values()) {
      clearTimeout(jump.idle);
      void jump.opening.then((opened) => opened.state === 'connected' && opened.close());
    }
    this.#jumps.clear();
  }

  #take(route: string, via: Target): Jump {
    const known = this.#jumps.get(route);
    const retry =
      known?.failedAtMs !== undefined && this.#clock.monotonicMs() - known.failedAtMs > limits.sshJumpRetryMs;
    if (known && !retry) {
      clearTimeout(known.idle);
      known.users++;
      return known;
    }
    const jump: Jump = { opening: this.#open(via), users: 1, failedAtMs: undefined, idle: undefined };
    this.#jumps.set(route, jump);
    void jump.opening.then((opened) => {
      if (opened.state !== 'connected') jump.failedAtMs = this.#clock.monotonicMs();
      // The next host opens a new one; those that use this one learn of it by their own sockets.
      else
        opened.onEnd(() => {
          if (this.#jumps.get(route) === jump) this.#jumps.delete(route);
        });
    });
    return jump;
  }

  #release(route: string, jump: Jump): void {
    jump.users--;
    if (jump.users > 0) return;
    clearTimeout(jump.idle);
    jump.idle = setTimeout(() => {
      if (this.#jumps.get(route) === jump) this.#jumps.delete(route);
      void jump.opening.then((opened) => opened.state === 'connected' && opened.close());
    }, limits.sshJumpIdleMs);
    jump.idle.unref();
  }
}

function forward(
  { client }: Connection,
  { address, port }: { address: string; port: number },
  ms: number,
): Promise<Duplex | Unreachable> {
  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(unreachable('timeout', `the jump host did not connect within ${ms} ms`));
    }, ms);
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        clearTimeout(timer);
        if (late) channel?.destroy();
        else if (error) resolve(fromForwardError(error));
        else {
          channel.on('error', () => undefined);
          resolve(channel);
        }
      });
    } catch (error) {
      clearTimeout(timer);
      resolve(unreachable('jump', error instanceof Error ? error.message : String(error)));
    }
  });
}
