/** The verifiers of roles, read and set: for all who ask at the same time in one statement. */
import type { Random } from '../../kernel/random.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { Cutover } from '../contract.ts';
import { type Admin, quoteName, quoteText, together } from './client.ts';
import type { Facts } from './discover.ts';
import { type Derive, scramVerifier } from './scram.ts';

/** The stored verifier of a role that may log in now, or undefined. */
export function verifiers(admin: Admin): (role: string, signal: AbortSignal) => Promise<string | undefined> {
  const text = `select rolname as role, rolpassword as stored from pg_authid
    where rolname = any($1::text[]) and rolcanlogin and coalesce(rolvaliduntil, 'infinity') > now()`;
  return together(async (roles: readonly string[], signal) => {
    const statement = { name: 'read-verifiers', text, values: [roles] };
    const rows = await admin.query<{ role: string; stored: string | null }>(statement, signal);
    const stored = new Map(rows.map((row) => [row.role, row.stored ?? undefined]));
    return roles.map((role) => stored.get(role));
  });
}

/**
 * Sets the password of a role by its verifier. The cutover is the server's clock after the commit, in
 * microseconds: whoever logged in with the old password had connected before.
 */
export function setPasswords(
  admin: Admin,
  random: Random,
  facts: Facts,
  derive: Derive,
): (role: string, secret: Secret, signal: AbortSignal) => Promise<Cutover> {
  // One round trip, one commit. When the server refuses one of them none is changed, and each is set alone.
  const set = together(async (roles: readonly { role: string; verifier: string }[], signal) => {
    const changes = roles.map(
      ({ role, verifier }) => `alter role ${quoteName(role)} password ${quoteText(verifier)};`,
    );
    const text = `begin; ${changes.join(' ')} commit;
      select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cutover`;
    const [row] = await admin.script<{ cutover: string }>(text, signal);
    if (!row) throw new Error('no time came back');
    return roles.map(() => row.cutover);
  });
  return async (role, secret, signal) =>
    set(
      { role, verifier: await scramVerifier(secret, random.bytes(16), facts.scramIterations, derive) },
      signal,
    );
}
