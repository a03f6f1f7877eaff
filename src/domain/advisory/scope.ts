/** What an advisory exposes and when, for matching against the inventory. In doubt it is wider, never narrower. */
import type { CredentialClass } from '../../connectors/contract.ts';
import { firstOf, lastOf } from './moment.ts';
import type { Advisory, Exposed, Window } from './types.ts';

/** From the first to the last millisecond, both inside. `null`: without bound. */
export interface Span {
  from: Date | null;
  to: Date | null;
}

/**
 * These say where a secret stood or that nobody knows, not what the secret is: an environment variable may
 * hold a password, a token or a key. So they match every class, from either side.
 */
const anyClass: readonly CredentialClass[] = ['environment-variable', 'unknown'];

/** The parts of the advisory that expose credentials of `credentialClass`. */
export function exposuresOf(advisory: Advisory, credentialClass: CredentialClass): Exposed[] {
  return advisory.exposes.filter(
    (exposed) =>
      exposed.class === credentialClass ||
      anyClass.includes(exposed.class) ||
      anyClass.includes(credentialClass),
  );
}

/** Whether a credential of `credentialClass` that the supplier held may be exposed. */
export function exposesClass(advisory: Advisory, credentialClass: CredentialClass): boolean {
  return exposuresOf(advisory, credentialClass).length > 0;
}

/**
 * The whole time of the breach: the earliest begin and the latest end of its windows, `null` where a window is
 * without bound. With a class, of the windows in which that class could be read; undefined when none exposes it.
 */
export function windowOf(advisory: Advisory): Span;
export function windowOf(advisory: Advisory, credentialClass: CredentialClass): Span | undefined;
export function windowOf(advisory: Advisory, credentialClass?: CredentialClass): Span | undefined {
  if (credentialClass === undefined) return spanOf(advisory.windows);
  const exposures = exposuresOf(advisory, credentialClass);
  if (exposures.length === 0) return undefined;
  if (exposures.some(({ windows }) => windows === undefined)) return spanOf(advisory.windows);
  const ids = new Set(exposures.flatMap(({ windows }) => windows ?? []));
  return spanOf(advisory.windows.filter(({ id }) => ids.has(id)));
}

function spanOf(windows: readonly Window[]): Span {
  const begins = windows.map(({ from }) => (from === null ? -Infinity : firstOf(from).getTime()));
  const ends = windows.map(({ to }) => (to === null ? Infinity : lastOf(to).getTime()));
  return { from: dateOf(Math.min(...begins)), to: dateOf(Math.max(...ends)) };
}

const dateOf = (ms: number): Date | null => (Number.isFinite(ms) ? new Date(ms) : null);

/** The ids under which an inventory may name the supplier. */
export function supplierIds(advisory: Advisory): string[] {
  return [advisory.supplier.id, ...(advisory.supplier.aliases ?? [])];
}
