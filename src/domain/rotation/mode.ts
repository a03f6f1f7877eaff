/** What is to be done to a credential, and by what name its system knows it. */
import type { Target } from '../../connectors/contract.ts';
import type { Systems } from '../inventory/index.ts';
import type { Mode } from './types.ts';

interface Named {
  system: string;
  kind: string;
  name: string;
  attributes: Record<string, string>;
}

/** A leaked secret of an account that has another one is only probed; so is what a person replaces by hand. */
export function modeOf(systems: Systems, credential: Named): Mode {
  const replacement = systems.kind(credential.system, credential.kind)?.replacement ?? 'manual';
  return credential.attributes.account !== undefined || replacement === 'manual' ? 'probe' : replacement;
}

export function targetOf(credential: Named): Target {
  const { kind, name, attributes } = credential;
  return { kind, name: attributes.account ?? name, attributes };
}
