/** `fleet` of firebreak.yaml: the hosts of this organisation, and how they are reached. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { FleetSettings } from '../../ssh/index.ts';
import { checkHost } from './hosts/check-host.ts';
import { RebootPolicy } from './reboot-policy.ts';

/** A host written here; the same fields as in a list. */
const Inline = z.record(z.string(), z.unknown()).superRefine((record, context) => {
  const checked = checkHost(record);
  if ('host' in checked) return;
  const { field, expected, got } = checked.fault;
  context.addIssue({
    code: 'custom',
    path: field === undefined ? [] : [field],
    message: `${expected}, got ${got ?? 'nothing'}`,
  });
});

export const FleetConfig = z.strictObject({
  /** Files of hosts (CSV or JSON), and hosts written here. Read whenever an examination begins. */
  hosts: z
    .array(z.union([z.string().min(1, 'a file'), Inline]))
    .max(10_000)
    .default([]),
  ssh: FleetSettings.prefault({}),
  reboot: RebootPolicy.prefault({}),
});
export type FleetConfig = z.infer<typeof FleetConfig>;

/** Relative paths are resolved against `folder`; secret references have been already. */
export function resolveFleet(fleet: FleetConfig, folder: string): FleetConfig {
  const { ssh } = fleet;
  const path = (file: string) => resolve(folder, file);
  return {
    ...fleet,
    hosts: fleet.hosts.map((host) => (typeof host === 'string' ? path(host) : host)),
    ssh: {
      ...ssh,
      certificates: ssh.certificates.map(path),
      knownHosts: ssh.knownHosts.map(path),
      ...(ssh.sshConfig === undefined ? {} : { sshConfig: path(ssh.sshConfig) }),
    },
  };
}
