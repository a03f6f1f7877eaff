/** The configured systems and the sessions that are open to them: one a system, shared, opened when first needed. */
import type { AnyConnector, Kind, Ports, Session } from '../../connectors/contract.ts';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { SecretRef } from '../../kernel/reference.ts';
import type { Config, SystemConfig } from './config.ts';
import { type Delivery, fillPath } from './delivery.ts';

export interface Systems {
  readonly config: Config;
  /** Throws not_found, naming the systems that there are. */
  get(name: string): SystemConfig;
  connector(name: string): AnyConnector;
  /** How credentials of this kind are replaced there; undefined when the system or the kind is not known. */
  kind(system: string, kind: string): Kind | undefined;
  /** The shared administrative session. Throws unavailable when the system does not let us in. */
  open(name: string): Promise<Session>;
  close(): Promise<void>;
}

/** `connectors` by id; `config` has been checked against their schemas. */
export function createSystems(
  config: Config,
  connectors: ReadonlyMap<string, AnyConnector>,
  ports: Omit<Ports, 'signal'>,
): Systems {
  const byName = new Map(config.systems.map((system) => [system.name, system]));
  const sessions = new Map<string, Promise<Session>>();
  const closing = new AbortController();

  const get = (name: string): SystemConfig => {
    const system = byName.get(name);
    if (system) return system;
    const known = [...byName.keys()].join(', ') || 'none';
    throw new FirebreakError('not_found', `no system ${name} in firebreak.yaml (there are: ${known})`);
  };
  const connector = (name: string): AnyConnector => {
    const found = connectors.get(get(name).connector);
    if (found) return found;
    const known = [...connectors.keys()].join(', ');
    throw new FirebreakError(
      'unsupported',
      `system ${name} names connector ${get(name).connector}; there are: ${known}`,
    );
  };
  const openSession = async (name: string): Promise<Session> => {
    const used = connector(name);
    // Only opening has a time limit: what is open lives on with the same signal, until we close.
    const tooLong = new AbortController();
    const signal = AbortSignal.any([closing.signal, tooLong.signal]);
    const timer = setTimeout(() => tooLong.abort(), limits.targetCallMsMax);
    try {
      return await used.open(used.config.parse(get(name).config), { ...ports, signal });
    } catch (cause) {
      throw new FirebreakError('unavailable', `can't open ${name} (${used.id}): ${messageOf(cause)}`, {
        retry: 'later',
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    config,
    get,
    connector,
    kind: (system, kind) => {
      const configured = byName.get(system);
      return configured && connectors.get(configured.connector)?.kinds[kind];
    },
    open: (name) => {
      const known = sessions.get(name);
      if (known) return known;
      const opening = openSession(name);
      sessions.set(name, opening);
      opening.catch(() => sessions.delete(name));
      return opening;
    },
    close: async () => {
      closing.abort();
      const open = await Promise.allSettled(sessions.values());
      await Promise.allSettled(
        open.map((result) => result.status === 'fulfilled' && result.value[Symbol.asyncDispose]()),
      );
      sessions.clear();
    },
  };
}

/**
 * Puts the credential's name where a reference's path or key says `{name}`. Throws bad_input for a name that
 * would lead elsewhere.
 */
export function fillName<T extends SecretRef | Delivery>(template: T, name: string): T {
  const fill = (value: unknown) => (typeof value === 'string' ? fillPath(value, name) : value);
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value)])) as T;
}
