/** Sessions of a role: told to end, waited for, counted. A new password leaves them all alive. */
import type { Clock } from '../../kernel/clock.ts';
import { limits } from '../../kernel/limits.ts';
import { indeterminate } from '../calls.ts';
import type { Cutover, Outcome, SessionProbe } from '../contract.ts';
import type { Admin } from './client.ts';
import { failure, judge } from './verdicts.ts';

// pg_stat_get_activity is what the view pg_stat_activity reads, without its joins. Other people's
// backend_start is null for those who may not see it, and what is not seen is never counted as gone.
const ofRole = `from pg_stat_get_activity(null) a
  where a.usesysid = (select oid from pg_roles where rolname = $1) and a.pid <> pg_backend_pid()
    and (a.backend_start is null or a.backend_start < coalesce($2::timestamptz, 'infinity'))`;

interface Counted extends Record<string, unknown> {
  alive: number;
  hidden: number;
}

async function count(
  admin: Admin,
  role: string,
  before: Cutover | undefined,
  signal: AbortSignal,
): Promise<Counted> {
  const text = `select count(*)::int as alive, count(*) filter (where a.backend_start is null)::int as hidden ${ofRole}`;
  const [row] = await admin.query<Counted>(
    { name: 'count-sessions', text, values: [role, before ?? null] },
    signal,
  );
  return row ?? { alive: 0, hidden: 0 };
}

/** How many sessions of `role` that began before the cutover are open. */
export async function countSessions(
  admin: Admin,
  role: string,
  before: Cutover | undefined,
  signal: AbortSignal,
): Promise<SessionProbe> {
  try {
    const { alive, hidden } = await count(admin, role, before, signal);
    if (hidden > 0) return indeterminate('not-permitted', hiddenMessage(hidden));
    return { verdict: 'counted', alive };
  } catch (error) {
    const verdict = judge(error);
    return verdict.verdict === 'indeterminate'
      ? verdict
      : indeterminate('unknown-error', 'the session count failed');
  }
}

const hiddenMessage = (hidden: number): string =>
  `${hidden} of the sessions hide when they began: the administrative role needs pg_read_all_stats`;

/** Ends them with one statement, and waits until they are gone. */
export async function terminateSessions(
  admin: Admin,
  clock: Clock,
  role: string,
  before: Cutover | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    // The plain call: with a time-out argument the server polls in steps of 100 ms and more.
    const text = `select count(*)::int as told, count(*) filter (where pg_terminate_backend(a.pid))::int as alive,
      count(*) filter (where a.backend_start is null)::int as hidden ${ofRole}`;
    const [row] = await admin.query<Counted & { told: number }>(
      { name: 'end-sessions', text, values: [role, before ?? null] },
      signal,
    );
    if (!row || row.told === 0) return { outcome: 'absent' };
    const left = await untilGone(admin, clock, role, before, signal);
    if (left === 0) return { outcome: 'done', count: row.told };
    return {
      outcome: 'partial',
      count: row.told - left,
      message: `${left} of ${row.told} sessions are still open`,
    };
  } catch (error) {
    return failure(error);
  }
}

async function untilGone(
  admin: Admin,
  clock: Clock,
  role: string,
  before: Cutover | undefined,
  signal: AbortSignal,
): Promise<number> {
  const giveUpAt = clock.monotonicMs() + limits.sessionEndMsMax;
  for (;;) {
    const { alive } = await count(admin, role, before, signal);
    if (alive === 0 || clock.monotonicMs() > giveUpAt) return alive;
    await clock.sleep(5, signal);
  }
}
