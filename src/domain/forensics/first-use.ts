/**
 * The key of a host that was never met, where the policy trusts on first use: written to the ledger, remembered,
 * and held against every later meeting.
 */
import type { NewHostKey, SshHost } from '../../ssh/index.ts';
import type { Context } from '../context.ts';
import { insertHostKey, listHostKeys } from './store-hosts.ts';

/** Whether the key may be believed. False when the host once showed another. */
export async function trustOnFirstUse(context: Context, host: SshHost, key: NewHostKey): Promise<boolean> {
  const known = await listHostKeys(context.db, host.name);
  if (known.some((one) => one.sha256 === key.sha256)) return true;
  if (known.length > 0) return false;
  await context.db.transaction().execute(async (tx) => {
    const { algorithm, sha256 } = key;
    const data = {
      host: host.name,
      address: host.address,
      port: host.port ?? 22,
      algorithm,
      sha256,
      line: key.line.slice(0, 2_000),
    };
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: 'fleet.host-key-trusted', actor: context.actor, subject: host.name, data },
    ]);
    await insertHostKey(tx, { host: host.name, algorithm, sha256, seq, at: context.clock.now() });
  });
  return true;
}
