/** Takes the credentials among the descendants into the inventory, and exposes them, so that rotation covers them. */
import type { CredentialClass } from '../../../connectors/contract.ts';
import type { Context } from '../../context.ts';
import { exposeDescendants as exposeCredentials } from '../../exposure/index.ts';
import { credentialRef, refsByName, type Statement, saveStatements } from '../../inventory/index.ts';
import { linkExposures, listUnexposed } from './store.ts';

/** What the inventory calls the system of a source and host. */
export type NameSystem = (source: string, host: string) => string;

/** Systems have no slash in their names. Without a better name it is the host, or the source where none is logged. */
const nameByHost: NameSystem = (source, host) => (host || source).replaceAll('/', '_');

/** Returns how many were added. May be repeated: it takes what is new. */
export async function exposeDescendants(
  context: Context,
  incidentId: string,
  nameSystem: NameSystem = nameByHost,
): Promise<number> {
  const open = await listUnexposed(context.db, incidentId);
  if (open.length === 0) return 0;
  const items = open.map((one) => ({ one, statement: toStatement(one, nameSystem) }));
  return context.db.transaction().execute(async (tx) => {
    // Two descendants may speak of one credential: an account, and the reset of its password.
    const statements = new Map(items.map(({ statement }) => [credentialRef(statement), statement]));
    await saveStatements(tx, `hunt:${incidentId}`, [...statements.values()], context);
    const credentials = await refsByName(tx, [...statements.keys()]);
    const exposed = await exposeCredentials(
      context,
      tx,
      incidentId,
      items.flatMap(({ one, statement }) => {
        const credentialId = credentials.get(credentialRef(statement))?.id;
        const explanation = `a compromised principal made it at ${one.madeAt.toISOString()} (${one.kind})`;
        return credentialId === undefined ? [] : [{ descendantId: one.id, credentialId, explanation }];
      }),
    );
    await linkExposures(tx, exposed);
    return exposed.length;
  });
}

type Open = Awaited<ReturnType<typeof listUnexposed>>[number];

function toStatement(one: Open, nameSystem: NameSystem): Statement {
  const isPassword = one.class === 'password';
  return {
    system: nameSystem(one.source, one.host),
    kind: isPassword ? 'password' : one.kind,
    name: (isPassword ? one.name : one.ref || one.name) || one.id,
    class: one.class as CredentialClass,
    ...(one.owner || isPassword ? { principal: one.owner || one.name } : {}),
    attributes: { descendant: one.id, madeAt: one.madeAt.toISOString() },
  };
}
