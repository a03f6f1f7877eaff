/** Who the host is, and since when it has been up: what every other fact of it is filed under. */

import type { Row } from '../collector/records.ts';
import type { HostIdentity } from '../types.ts';
import { artifact, fact, type ParseInput } from './artifact.ts';

const names = {
  hostname: 'host name',
  machine_id: 'machine id',
  boot_id: 'boot id',
  uptime: 'seconds since the start',
  kernel: 'kernel',
  os_id: 'distribution',
  os_version: 'its version',
  container: 'container',
  timezone: 'time zone',
} as const;

export const identity = artifact({
  id: 'identity',
  title: 'Identity and boot',
  what: 'Host name, machine id, boot id, kernel, distribution, time since the start, clock, kind of container.',
  techniques: [],
  script: String.raw`
r hostname "$(cat /proc/sys/kernel/hostname 2>/dev/null || hostname)"
r machine_id "$(cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null)"
r boot_id "$(cat /proc/sys/kernel/random/boot_id)"
r uptime "$(cut -d' ' -f1 /proc/uptime)"
r kernel "$(uname -srvm)"
r now "$(date +%s)"
r timezone "$(date +%Z)"
for f in /etc/os-release /usr/lib/os-release; do [ -r $f ] && { r os_id "$(sed -n 's/^ID=//p' $f | tr -d \"\')"; r os_version "$(sed -n 's/^VERSION_ID=//p' $f | tr -d \"\')"; break; }; done
c=; [ -e /.dockerenv ] && c=docker; [ -e /run/.containerenv ] && c=podman
[ -n "$c" ] || c=$(tr '\0' '\n' </proc/1/environ | sed -n 's/^container=//p')
[ -n "$c" ] || { grep -qE '/(docker|kubepods|lxc|containerd)' /proc/1/cgroup && c=other; }
r container "$c"
`,
  parse: ({ rows }) =>
    Object.entries(names).flatMap(([tag, title]) => {
      const value = textOf(rows, tag);
      const own = tag === 'boot_id' || tag === 'uptime' || tag === 'machine_id' || tag === 'hostname';
      // What differs on every host by its nature is for people, and not compared.
      return value === '' || own ? [] : [fact({ artifact: 'identity', key: tag, value, detail: { title } })];
    }),
});

const textOf = (rows: readonly Row[], tag: string): string =>
  (rows.find((row) => row.tag === tag)?.text ?? '').split('\n', 1)[0]?.slice(0, 256) ?? '';

/** The identity out of the same rows. */
export function identityOf({ rows, receivedAt }: ParseInput): HostIdentity {
  const now = Number(textOf(rows, 'now')) * 1000;
  const uptime = textOf(rows, 'uptime');
  const hostNow = now > 0 && now < 8.64e15 ? now : null;
  const up = /^\d{1,12}(\.\d+)?$/.test(uptime) ? Number(uptime) * 1000 : null;
  return {
    hostname: textOf(rows, 'hostname'),
    machineId: textOf(rows, 'machine_id'),
    bootId: textOf(rows, 'boot_id'),
    bootedAt: hostNow !== null && up !== null ? new Date(hostNow - up) : null,
    kernel: textOf(rows, 'kernel'),
    osId: textOf(rows, 'os_id'),
    osVersion: textOf(rows, 'os_version'),
    clockOffsetMs: hostNow !== null && receivedAt !== null ? hostNow - receivedAt.getTime() : null,
    container: textOf(rows, 'container'),
  };
}

/** Of a host that said nothing of itself. */
export const noIdentity: HostIdentity = identityOf({ rows: [], receivedAt: null, startedAt: null });
