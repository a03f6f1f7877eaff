/** What the estate's portal holds: a service account with one token each, and people's web sessions. */
import { Secret } from '../../kernel/secret.ts';
import type { Portal } from '../portal.ts';
import type { Leak } from './har.ts';
import type { Account } from './names.ts';

/** Sessions that had been ended before they were looked at: dead already, and to be proven so all the same. */
const endedSessions = 6;

/**
 * Gives each account a token, which becomes its password, and opens the sessions that will leak. `control` is
 * a session of Firebreak's own, whose acceptance shows that a refusal means something.
 */
export async function fillPortal(
  portal: Portal,
  accounts: Account[],
  openSessions: number,
): Promise<{ sessions: Leak[]; ended: Leak[]; control: Secret }> {
  for (const account of accounts) {
    await portal.addUser(account.name);
    account.password = (await portal.addToken(account.name, 'service')).secret;
  }
  const sessions: Leak[] = [];
  for (let index = 1; index <= openSessions; index++) {
    const user = `person-${String(index).padStart(2, '0')}`;
    await portal.addUser(user);
    sessions.push({ kind: 'session', secret: (await portal.addSession(user)).secret });
  }
  const ended = Array.from({ length: endedSessions }, (_, index): Leak => {
    // A cookie of the portal's own shape that it has forgotten, as after a sign-out.
    const text = Buffer.from(`ended-session-${index}-${crypto.randomUUID()}`)
      .toString('base64url')
      .slice(0, 32);
    return { kind: 'session', secret: new Secret(`pss_${text}`) };
  });
  await portal.addUser('firebreak-control');
  return { sessions, ended, control: (await portal.addSession('firebreak-control')).secret };
}
