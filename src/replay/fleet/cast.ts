/** Which hosts the practice company has: names, roles, sites, environments, and how each answers. */
import { components } from '../logs/cast-names.ts';

export type Kind =
  /** A real OpenSSH server on a real Debian. */
  | 'real'
  | 'stand-in'
  /** Nothing listens at its address. */
  | 'unreachable'
  /** It shows another host key than the one that is known. */
  | 'changed-key'
  /** It lets nobody in. */
  | 'refusing';

export interface CastHost {
  name: string;
  role: string;
  site: string;
  environment: 'production' | 'staging' | 'test';
  kind: Kind;
  /** A number of its own, from 0. */
  number: number;
}

/** How many there were: each was examined. */
export const fleetSize = 4_893;
export const implanted = 'atlassian-01';
const realHosts = 6;

const sites = ['ams', 'lis', 'aus', 'sfo', 'sin', 'gru'] as const;

/** Shares of the fleet. */
const roles: readonly (readonly [role: string, share: number])[] = [
  ['edge', 0.3],
  ['web', 0.16],
  ['api', 0.14],
  ['cache', 0.1],
  ['queue', 0.06],
  ['database', 0.08],
  ['storage', 0.07],
  ['build', 0.05],
  ['metrics', 0.03],
  ['bastion', 0.01],
];

/** The same for the same size. Of a hundred about one does not answer, and one in two hundred does not let us in. */
export function castFleet(size: number): CastHost[] {
  const hosts: CastHost[] = [];
  for (let index = 1; index <= Math.min(realHosts, size); index++)
    hosts.push({
      name: `atlassian-0${index}`,
      role: 'atlassian',
      site: 'ams',
      environment: index < 5 ? 'production' : 'staging',
      kind: 'real',
      number: hosts.length,
    });
  const rest = size - hosts.length;
  let given = 0;
  for (const [at, [role, share]] of roles.entries()) {
    const upTo = at === roles.length - 1 ? rest : Math.round(rest * sumOfShares(at));
    for (let index = 1; given < upTo; index++, given++) hosts.push(sibling(role, share, index, hosts.length));
  }
  return hosts;
}

const sumOfShares = (last: number): number =>
  roles.slice(0, last + 1).reduce((sum, [, share]) => sum + share, 0);

function sibling(role: string, _share: number, index: number, number: number): CastHost {
  const site = sites[index % sites.length] ?? 'ams';
  const component = role === 'api' ? `${components[index % 12]}-` : '';
  return {
    name: `${component}${role}-${site}-${String(index).padStart(3, '0')}`,
    role,
    site,
    environment: index % 10 === 0 ? 'test' : index % 7 === 0 ? 'staging' : 'production',
    kind:
      number % 103 === 50
        ? 'unreachable'
        : number % 211 === 60
          ? 'changed-key'
          : number % 211 === 140
            ? 'refusing'
            : 'stand-in',
    number,
  };
}

/** Its address of its own on loopback; a second byte for each kind. */
export function addressOf({ kind, number }: CastHost): string {
  const second = { real: 60, 'stand-in': 61, unreachable: 62, 'changed-key': 63, refusing: 64 }[kind];
  return `127.${second}.${Math.floor(number / 250)}.${(number % 250) + 1}`;
}
