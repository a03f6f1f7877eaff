/** What a found secret is called in the inventory: by the host it was sent to and the account it belongs to. */
import { credentialRef, type Statement, type Systems } from '../inventory/index.ts';
import type { Hit } from './scan/index.ts';

/** What the inventory knows of the account that a hit names. */
export interface KnownAccount {
  fingerprint: string | null;
}

export interface Identified {
  statement: Statement;
  ref: string;
}

/** The ref that the account of a password would have; undefined when the hit names none. */
export function accountRefOf(systems: Systems, hit: Hit): string | undefined {
  if (hit.class !== 'password' || hit.account === undefined) return undefined;
  return credentialRef({ ...baseOf(systems, hit), name: hit.account });
}

/**
 * The account's own credential when its secret is not known or it is new; a separate one when the account
 * has another secret, because then the found one is an older or an additional one and is only tried.
 */
export function identify(systems: Systems, hit: Hit, account: KnownAccount | undefined): Identified {
  const mark = hit.fingerprint.slice('hs256:'.length, 'hs256:'.length + 10);
  const base = baseOf(systems, hit);
  if (hit.class !== 'password' || hit.account === undefined) {
    const statement = { ...base, name: `${hit.name ?? base.kind}-${mark}`, attributes: { found: hit.kind } };
    return { statement, ref: credentialRef(statement) };
  }
  const own = account === undefined || account.fingerprint === null;
  const statement: Statement = own
    ? { ...base, name: hit.account, principal: hit.account, attributes: { found: hit.kind } }
    : {
        ...base,
        name: `${hit.account}~${mark}`,
        principal: hit.account,
        attributes: { found: hit.kind, account: hit.account },
      };
  return { statement, ref: credentialRef(statement) };
}

function baseOf(systems: Systems, hit: Hit) {
  const system = systemOf(systems, hit.host);
  return {
    system: system?.name ?? hit.host ?? 'unknown',
    kind: kindOf(systems, system?.name, hit.class),
    class: hit.class,
    environment: system?.environment,
    owner: system?.owner,
  };
}

function systemOf(systems: Systems, host: string | undefined) {
  if (host === undefined) return undefined;
  const bare = host.toLowerCase().replace(/:\d+$/, '');
  return systems.config.systems.find((system) =>
    system.hosts.some((known) => known.toLowerCase() === host.toLowerCase() || known.toLowerCase() === bare),
  );
}

/** The connector's kind for this class; the class itself where no connector has one. */
function kindOf(systems: Systems, system: string | undefined, credentialClass: string): string {
  if (system === undefined) return credentialClass;
  const kinds = Object.entries(systems.connector(system).kinds);
  return kinds.find(([, kind]) => kind.class === credentialClass)?.[0] ?? credentialClass;
}
