/**
 * From a host of the inventory to where and how to connect: ssh_config fills in what the host itself does not
 * say, the settings the rest. The way over jump hosts is a chain of such targets.
 */
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import type { FleetSettings } from './settings.ts';
import type { ConfiguredHost, SshConfigFile } from './ssh-config.ts';
import type { SshHost } from './types.ts';

export interface Target {
  /** The host as it was asked for. */
  host: SshHost;
  address: string;
  port: number;
  user: string;
  /** The names under which its key may be known. */
  names: string[];
  identityFiles: string[];
  certificateFiles: string[];
  knownHostsFiles: string[];
  strict: boolean;
  /** The jump host before it, itself perhaps behind another. */
  via: Target | undefined;
}

const nothing: ConfiguredHost = {
  identityFiles: [],
  certificateFiles: [],
  knownHostsFiles: [],
  strict: false,
};

/** Throws bad_input when the jump hosts of a host are in a circle or can't be read. */
export function resolveHost(
  host: SshHost,
  settings: FleetSettings,
  config: SshConfigFile | undefined,
  depth = 0,
): Target {
  if (depth > limits.sshJumpsMax)
    throw new FirebreakError(
      'bad_input',
      `more than ${limits.sshJumpsMax} jump hosts on the way to ${host.name}`,
    );
  const found = config?.of(host.name, host.user) ?? nothing;
  const address = host.address === host.name ? (found.hostName ?? host.address) : host.address;
  const jump = host.jump ?? found.proxyJump;
  return {
    host,
    address,
    port: host.port ?? found.port ?? 22,
    user: host.user ?? found.user ?? settings.user,
    names: found.hostKeyAlias ? [found.hostKeyAlias] : [...new Set([address, host.name])],
    identityFiles: found.identityFiles,
    certificateFiles: found.certificateFiles,
    knownHostsFiles: found.knownHostsFiles,
    strict: found.strict,
    via: resolveJumps(jump, settings, config, depth),
  };
}

/** `a,b`: b is reached through a, the host through b. */
function resolveJumps(
  jump: string | undefined,
  settings: FleetSettings,
  config: SshConfigFile | undefined,
  depth: number,
): Target | undefined {
  if (jump === undefined || jump === '' || jump.toLowerCase() === 'none') return undefined;
  let via: Target | undefined;
  const hops = jump.split(',');
  if (hops.length > limits.sshJumpsMax)
    throw new FirebreakError(
      'bad_input',
      `more than ${limits.sshJumpsMax} jump hosts: ${jump.slice(0, 200)}`,
    );
  for (const [index, text] of hops.entries()) {
    const hop = readHop(text.trim());
    // Only the first hop may have a way of its own; the later ones are reached through it.
    const resolved = resolveHost(index === 0 ? hop : { ...hop, jump: 'none' }, settings, config, depth + 1);
    via = index === 0 ? resolved : { ...resolved, via };
  }
  return via;
}

/** `user@host:port`, `[2001:db8::1]:22`, or a name. Throws bad_input. */
function readHop(text: string): SshHost {
  const match = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[^:@\s[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const name = match?.[2]?.replace(/^\[|\]$/g, '');
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (!name || (port !== undefined && (port < 1 || port > 65_535)))
    throw new FirebreakError(
      'bad_input',
      `a jump host is user@host:port, got ${JSON.stringify(text.slice(0, 200))}`,
    );
  return { name, address: name, ...(match?.[1] && { user: match[1] }), ...(port && { port }) };
}

/** A chain of hops as one text: what a shared connection is kept under. */
export const routeOf = (target: Target): string =>
  `${target.via ? `${routeOf(target.via)},` : ''}${target.user}@${target.address}:${target.port}`;
