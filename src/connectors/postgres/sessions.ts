/** Sessions of roles: told to end, waited for, counted. A new password leaves them all alive. */
import type { Clock } from '../../kernel/clock.ts';
import { limits } from '../../kernel/limits.ts';
import { indeterminate } from '../calls.ts';
import type { Cutover, Outcome, SessionProbe } from '../contract.ts';
import { type Admin, type Ask, together } from './client.ts';
import { failure, judge } from './verdicts.ts';

/** Whose sessions, and of what time: all of them without a cutover. */
interface Asked {
  role: string;
  before: Cutover | undefined;
}

interface Counted extends Record<string, unknown> {
  alive: number;
  hidden: number;
}

interface Told extends Counted {
  told: number;
}

export interface RoleSessions {
  /** How many sessions of `role` that began before the cutover are open. */
  count(role: string, before: Cutover | undefined, signal: AbortSignal): Promise<SessionProbe>;
  /** Ends them, and waits until they are gone. */
  terminate(role: string, before: Cutover | undefined, signal: AbortSignal): Promise<Outcome>;
}

// pg_stat_get_activity is what the view pg_stat_activity reads, without its joins. Other people's
// backend_start is null for those who may not see it, and what is not seen is never counted as gone.
const ofRoles = `from unnest($1::text[], $2::timestamptz[]) with ordinality as w (role, before, n)
  left join pg_roles r on r.rolname = w.role
  left join pg_stat_get_activity(null) a on a.usesysid = r.oid and a.pid <> pg_backend_pid()
    and (a.backend_start is null or a.backend_start < coalesce(w.before, 'infinity'))
  group by w.n order by w.n`;

const hiddenOnes = 'count(*) filter (where a.pid is not null and a.backend_start is null)::int as hidden';
const countText = `select count(a.pid)::int as alive, ${hiddenOnes} ${ofRoles}`;
// The plain call: with a time-out argument the server polls in steps of 100 ms and more.
const endText = `select count(a.pid)::int as told, count(*) filter (where pg_terminate_backend(a.pid))::int as alive,
  ${hiddenOnes} ${ofRoles}`;

export function roleSessions(admin: Admin, clock: Clock): RoleSessions {
  const ask = <R extends Counted>(name: string, text: string): Ask<Asked, R> =>
    together((asked, signal) => {
      const values = [asked.map(({ role }) => role), asked.map(({ before }) => before ?? null)];
      return admin.query<R>({ name, text, values }, signal);
    });
  const count = ask<Counted>('count-sessions', countText);
  const tell = ask<Told>('end-sessions', endText);

  const untilGone = async (asked: Asked, signal: AbortSignal): Promise<number> => {
    const giveUpAt = clock.monotonicMs() + limits.sessionEndMsMax;
    for (;;) {
      const { alive } = await count(asked, signal);
      if (alive === 0 || clock.monotonicMs() > giveUpAt) return alive;
      await clock.sleep(5, signal);
    }
  };

  return {
    count: async (role, before, signal) => {
      try {
        const { alive, hidden } = await count({ role, before }, signal);
        if (hidden > 0) return indeterminate('not-permitted', hiddenMessage(hidden));
        return { verdict: 'counted', alive };
      } catch (error) {
        const verdict = judge(error);
        return verdict.verdict === 'indeterminate'
          ? verdict
          : indeterminate('unknown-error', 'the session count failed');
      }
    },
    terminate: async (role, before, signal) => {
      try {
        const { told } = await tell({ role, before }, signal);
        if (told === 0) return { outcome: 'absent' };
        const left = await untilGone({ role, before }, signal);
        if (left === 0) return { outcome: 'done', count: told };
        return {
          outcome: 'partial',
          count: told - left,
          message: `${left} of ${told} sessions are still open`,
        };
      } catch (error) {
        return failure(error);
      }
    },
  };
}

const hiddenMessage = (hidden: number): string =>
  `${hidden} of the sessions hide when they began: the administrative role needs pg_read_all_stats`;
