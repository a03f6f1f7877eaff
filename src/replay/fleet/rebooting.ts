/**
 * Hosts that restart, on one real OpenSSH server: every address has a boot identity of its own, mounted over the
 * machine's in the namespace of its session, and `fb-reboot` gives it a new one. Files in a host's folder make it
 * stay away, restart slowly, or not at all. It needs root; nothing outside its folder is changed.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RebootingHost {
  address: string;
  /** Seconds that it is away. */
  downSeconds?: number;
  /** `stays`: the command does nothing; `gone`: it never comes back; `container`: it shows its machine's identity. */
  fault?: 'stays' | 'gone' | 'container';
}

export interface RebootingHosts {
  /** Lines of sshd_config that make its addresses these hosts. */
  config: string[];
  /** What restarts a host. */
  command: string;
  /** How often it has restarted. */
  restarts(address: string): Promise<number>;
  bootId(address: string): Promise<string>;
  /** What a new installation leaves. */
  reimage(address: string): Promise<void>;
  /** Where the files of a host are. */
  folderOf(address: string): string;
}

/** Runs a session as the host that was called: its identity is mounted where the system has it. */
const shell = `#!/bin/sh
set -- $SSH_CONNECTION
H=$FB_HOSTS/$3
if [ -f "$H/gone" ] || { [ -f "$H/back_at" ] && [ "$(date +%s)" -lt "$(cat "$H/back_at")" ]; }; then kill -9 $PPID; exit 1; fi
export H
exec unshare --mount sh -c '
if [ -f "$H/container" ]; then mount -t tmpfs none /run && mkdir -p /run/systemd && cp "$H/container" /run/systemd/container
else mount --bind "$H/boot_id" /proc/sys/kernel/random/boot_id && mount --bind "$H/stat" /proc/stat; fi
mount --bind "$H/machine-id" /etc/machine-id
PATH=$FB_HOSTS/bin:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"'
`;

const reboot = `#!/bin/sh
[ -f "$H/stays" ] && exit 0
echo restart >>"$H/restarts"
if [ -f "$H/never" ]; then : >"$H/gone"; exit 0; fi
[ -f "$H/down" ] && echo $(($(date +%s) + $(cat "$H/down"))) >"$H/back_at"
# Written at once: whoever looks meanwhile must not find an empty file.
id=$(cat /proc/sys/kernel/random/uuid); at=$(date +%s)
printf '%s\\n' "$id" >"$H/boot_id"; printf 'btime %s\\n' "$at" >"$H/stat"
`;

export async function writeRebootingHosts(
  folder: string,
  hosts: readonly RebootingHost[],
): Promise<RebootingHosts> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(folder, 'shell'), shell, { mode: 0o755 });
  await writeFile(join(bin, 'fb-reboot'), reboot, { mode: 0o755 });
  const folderOf = (address: string) => join(folder, address);
  const bootedAt = Math.floor(Date.now() / 1000) - 86_400;
  for (const { address, downSeconds, fault } of hosts) {
    const own = folderOf(address);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'boot_id'), `${randomUUID()}\n`);
    await writeFile(join(own, 'machine-id'), `${randomBytes(16).toString('hex')}\n`);
    await writeFile(join(own, 'stat'), `btime ${bootedAt}\n`);
    if (downSeconds) await writeFile(join(own, 'down'), String(downSeconds));
    if (fault === 'stays') await writeFile(join(own, 'stays'), '');
    if (fault === 'gone') await writeFile(join(own, 'never'), '');
    if (fault === 'container') await writeFile(join(own, 'container'), 'lxc\n');
  }
  const read = (address: string, name: string) =>
    readFile(join(folderOf(address), name), 'utf8').catch(() => '');
  return {
    config: [`ForceCommand FB_HOSTS=${folder} ${join(folder, 'shell')}`],
    command: 'fb-reboot',
    restarts: async (address) => (await read(address, 'restarts')).split('\n').filter(Boolean).length,
    bootId: async (address) => (await read(address, 'boot_id')).trim(),
    reimage: async (address) => {
      await writeFile(join(folderOf(address), 'boot_id'), `${randomUUID()}\n`);
      await writeFile(join(folderOf(address), 'machine-id'), `${randomBytes(16).toString('hex')}\n`);
    },
    folderOf,
  };
}
