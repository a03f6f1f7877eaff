/** All artifacts, in the order in which they are collected: what an intruder could still change comes first. */
import { FirebreakError } from '../../../kernel/errors.ts';
import type { CostClass } from '../types.ts';
import { accounts } from './accounts.ts';
import type { Artifact } from './artifact.ts';
import { at } from './at.ts';
import { autostart } from './autostart.ts';
import { bootScripts } from './boot-scripts.ts';
import { containers } from './containers.ts';
import { cron } from './cron.ts';
import { gitHooks } from './git-hooks.ts';
import { hooks } from './hooks.ts';
import { identity } from './identity.ts';
import { java } from './java.ts';
import { kernel } from './kernel.ts';
import { keyPrograms } from './key-programs.ts';
import { logins } from './logins.ts';
import { network } from './network.ts';
import { oddFiles } from './odd-files.ts';
import { openDeleted } from './open-deleted.ts';
import { packageVerify } from './package-verify.ts';
import { packages } from './packages.ts';
import { pam } from './pam.ts';
import { preload } from './preload.ts';
import { privileged } from './privileged.ts';
import { processes } from './processes.ts';
import { recentChanges } from './recent-changes.ts';
import { secrets } from './secrets.ts';
import { shellProfiles } from './shell-profiles.ts';
import { sockets } from './sockets.ts';
import { sshAccess } from './ssh-access.ts';
import { startupCode } from './startup-code.ts';
import { sudo } from './sudo.ts';
import { systemd } from './systemd.ts';
import { udev } from './udev.ts';
import { unpackaged } from './unpackaged.ts';
import { webRoots } from './web-roots.ts';

export const artifacts: readonly Artifact[] = [
  identity,
  processes,
  sockets,
  openDeleted,
  accounts,
  logins,
  sudo,
  sshAccess,
  unpackaged,
  cron,
  at,
  systemd,
  bootScripts,
  shellProfiles,
  preload,
  pam,
  kernel,
  udev,
  hooks,
  autostart,
  containers,
  oddFiles,
  keyPrograms,
  network,
  packages,
  startupCode,
  gitHooks,
  privileged,
  packageVerify,
  webRoots,
  java,
  secrets,
  recentChanges,
];

const byId = new Map(artifacts.map((one) => [one.id, one]));

export const artifactOf = (id: string): Artifact | undefined => byId.get(id);

/** Those asked for, or all of a cost class; the identity is always among them. Throws bad_input on an unknown id. */
export function selectArtifacts(ids: readonly string[] | undefined, cost: CostClass): readonly Artifact[] {
  if (ids === undefined) return artifacts.filter((one) => cost === 'full' || one.cost === 'light');
  const unknown = ids.filter((id) => !byId.has(id));
  if (unknown.length > 0) {
    const known = artifacts.map(({ id }) => id).join(', ');
    throw new FirebreakError('bad_input', `no artifact is called ${unknown.join(', ')}; there are ${known}`);
  }
  return artifacts.filter(({ id }) => id === 'identity' || ids.includes(id));
}
