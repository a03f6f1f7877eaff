/**
 * Whose turn it is. All connections together are bounded, and those of each lane (a subnet, a jump host); a lane
 * in which several time-outs follow each other is slowed down by itself, while all others go on at full speed.
 */
import type { Clock } from '../kernel/clock.ts';
import { limits } from '../kernel/limits.ts';
import type { Random } from '../kernel/random.ts';

export interface LaneKey {
  key: string;
  max: number;
}

interface Lane extends LaneKey {
  /** How many at a time now; never below `sshBackOffHostsMin` unless `max` is. */
  limit: number;
  active: number;
  timeouts: number;
  pausedUntilMs: number;
  users: number;
}

interface Ticket {
  lanes: Lane[];
  start(): void;
  gone: boolean;
}

/** Gives the turn back; says whether the host timed out. */
export type Turn = (ending: 'answer' | 'timeout') => void;

export class Pacer {
  readonly #lanes = new Map<string, Lane>();
  /** Tickets that wait for the same lanes, first come first served; the groups themselves take turns. */
  readonly #groups = new Map<string, Ticket[]>();
  readonly #max: number;
  readonly #ports: { clock: Clock; random: Random };
  #active = 0;
  #waking = Number.POSITIVE_INFINITY;

  constructor(max: number, ports: { clock: Clock; random: Random }) {
    this.#max = max;
    this.#ports = ports;
  }

  /** How many wait, how many have their turn, and how many lanes are remembered. */
  get state(): { waiting: number; active: number; lanes: number } {
    let waiting = 0;
    for (const tickets of this.#groups.values()) waiting += tickets.length;
    return { waiting, active: this.#active, lanes: this.#lanes.size };
  }

  /** Waits for a turn. Rejects with the signal's reason. */
  async acquire(keys: readonly LaneKey[], signal?: AbortSignal): Promise<Turn> {
    signal?.throwIfAborted();
    const lanes = keys.map((key) => this.#lane(key));
    const name = keys.map(({ key }) => key).join(' ');
    await new Promise<void>((resolve, reject) => {
      const ticket: Ticket = { lanes, gone: false, start: () => undefined };
      const abort = () => {
        ticket.gone = true;
        for (const lane of lanes) this.#leave(lane);
        reject(signal?.reason);
      };
      ticket.start = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      const group = this.#groups.get(name);
      if (group) group.push(ticket);
      else this.#groups.set(name, [ticket]);
      this.#pump();
    });
    let given = true;
    return (ending) => {
      if (!given) return;
      given = false;
      this.#active--;
      for (const lane of lanes) this.#settle(lane, ending);
      this.#pump();
    };
  }

  #lane({ key, max }: LaneKey): Lane {
    const lane = this.#lanes.get(key) ?? {
      key,
      max,
      limit: max,
      active: 0,
      timeouts: 0,
      pausedUntilMs: 0,
      users: 0,
    };
    this.#lanes.set(key, lane);
    lane.users++;
    return lane;
  }

  #leave(lane: Lane): void {
    lane.users--;
    // A lane that is well is forgotten with its last user, so that a large fleet leaves nothing behind.
    if (lane.users === 0 && lane.timeouts === 0 && lane.limit === lane.max) this.#lanes.delete(lane.key);
  }

  #settle(lane: Lane, ending: 'answer' | 'timeout'): void {
    lane.active--;
    if (ending === 'answer') {
      lane.timeouts = 0;
      lane.pausedUntilMs = 0;
      lane.limit = Math.min(lane.max, lane.limit + 1);
    } else {
      lane.timeouts++;
      if (lane.timeouts >= limits.sshTimeoutsBeforeBackOff) this.#slowDown(lane);
    }
    this.#leave(lane);
  }

  #slowDown(lane: Lane): void {
    const { clock, random } = this.#ports;
    lane.limit = Math.max(Math.min(limits.sshBackOffHostsMin, lane.max), Math.floor(lane.limit / 2));
    const pause = Math.min(limits.sshBackOffMsMax, 100 * 2 ** Math.min(lane.timeouts, 16));
    // Half of it by chance, so that lanes that failed together do not come back together.
    lane.pausedUntilMs = clock.monotonicMs() + pause / 2 + random.below(Math.ceil(pause / 2) + 1);
  }

  #pump(): void {
    const now = this.#ports.clock.monotonicMs();
    let wake = Number.POSITIVE_INFINITY;
    // Each group once: those that wait on are put at the end of the row, where this would find them again.
    let left = this.#groups.size;
    for (const [name, tickets] of this.#groups) {
      if (left-- === 0 || this.#active >= this.#max) break;
      const blocked = this.#startSome(tickets, now);
      wake = Math.min(wake, blocked);
      this.#groups.delete(name);
      if (tickets.length > 0) this.#groups.set(name, tickets);
    }
    this.#wakeAt(wake, now);
  }

  /** Starts one ticket of the group, or more while nobody else waits. Returns when a paused lane opens again. */
  #startSome(tickets: Ticket[], now: number): number {
    while (this.#active < this.#max && tickets.length > 0) {
      const ticket = tickets[0] as Ticket;
      if (ticket.gone) {
        tickets.shift();
        continue;
      }
      const paused = Math.max(...ticket.lanes.map(({ pausedUntilMs }) => pausedUntilMs), 0);
      if (paused > now) return paused;
      if (ticket.lanes.some(({ active, limit }) => active >= limit)) break;
      tickets.shift();
      this.#active++;
      for (const lane of ticket.lanes) lane.active++;
      ticket.start();
      if (this.#groups.size > 1) break;
    }
    return Number.POSITIVE_INFINITY;
  }

  #wakeAt(at: number, now: number): void {
    if (at >= this.#waking) return;
    this.#waking = at;
    void this.#ports.clock.sleep(Math.max(1, at - now)).then(() => {
      this.#waking = Number.POSITIVE_INFINITY;
      this.#pump();
    });
  }
}
