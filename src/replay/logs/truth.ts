/** The truth about the practice logs, gathered while they are written. Tests compare a hunt with it. */
import type { Deed, Side } from './acts/deed.ts';
import type { Told } from './acts/index.ts';
import { pagesRead, refusedTickets } from './acts/reading.ts';
import { indicators, joinedGroups, schedule, searchWords } from './acts/schedule.ts';
import { accounts, type Cast, credentials, type Repository, totals } from './cast.ts';
import { soughtTickets } from './cast-names.ts';
import type { LogGap, Place, Truth, TruthEvent } from './types.ts';

export class TruthKeeper {
  readonly #events: Record<Side, TruthEvent[]> = { attack: [], response: [], 'look-alike': [], past: [] };
  readonly #broken: Truth['broken'] = [];

  deed(deed: Deed, place: Place): void {
    const { side, act, log, at } = deed;
    this.#events[side].push({ at: iso(at), act, log, ...place });
  }

  broken(why: string, place: Place): void {
    this.#broken.push({ ...place, why });
  }

  /** All of it, each list in the order of time. */
  tell(facts: {
    seed: string;
    from: number;
    to: number;
    cast: Cast;
    told: Told;
    gaps: readonly LogGap[];
  }): Truth {
    const { seed, cast, told } = facts;
    const inOrder = (side: Side) =>
      this.#events[side].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
    return {
      seed,
      window: { from: iso(facts.from), to: iso(facts.to) },
      totals,
      credentials,
      indicators: {
        addresses: [indicators.address, indicators.control],
        domains: [indicators.domain],
        file: indicators.file,
        sha256: indicators.sha256,
      },
      createdAccount: { name: accounts.created.login, uid: accounts.created.jiraId, groups: joinedGroups },
      moments: Object.fromEntries(
        Object.entries(schedule).map(([name, at]) => [name, iso(at)]),
      ) as Truth['moments'],
      tickets: soughtTickets,
      refusedTickets,
      pages: pagesRead({ cast }),
      searches: searchWords,
      repositoriesViewed: told.taken.viewed.map(nameOf),
      repositoriesArchived: told.taken.archived.map(nameOf),
      attack: inOrder('attack'),
      response: inOrder('response'),
      lookAlikes: inOrder('look-alike'),
      past: inOrder('past'),
      gaps: facts.gaps.map(({ log, from, to }) => ({ log, from: iso(from), to: iso(to) })),
      broken: this.#broken,
    };
  }
}

const iso = (at: number): string => new Date(at).toISOString();
/** As the browser's address has it: NET/backbone. */
const nameOf = ({ project, slug }: Repository): string => `${project}/${slug}`;
