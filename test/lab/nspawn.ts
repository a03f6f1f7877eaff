/**
 * A machine that really restarts: Debian under systemd-nspawn, with systemd as its first process and its own boot
 * identity. Its root is made once (debootstrap, about a minute) and never written to afterwards.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeKey } from '../../src/replay/fleet/sshd.ts';
import { freePort } from '../../src/store/postgres/server.ts';

const run = promisify(execFile);
const rootFolder = '/var/tmp/firebreak-lab-bookworm';

export interface Machine {
  port: number;
  hostKey: string;
  stop(): Promise<void>;
}

/** Makes the root when it is not there yet. Returns what is missing, if anything. */
async function prepareRoot(): Promise<{ missing: string } | undefined> {
  if (process.getuid?.() !== 0) return { missing: 'root' };
  for (const program of ['systemd-nspawn', 'debootstrap'])
    if (
      await run('which', [program]).then(
        () => false,
        () => true,
      )
    )
      return { missing: program };
  if (
    await access(join(rootFolder, 'etc')).then(
      () => true,
      () => false,
    )
  )
    return undefined;
  const making = `${rootFolder}.${process.pid}`;
  try {
    const packages = '--include=systemd,systemd-sysv,openssh-server,dbus';
    await run('debootstrap', ['--variant=minbase', packages, 'bookworm', making], { maxBuffer: 1 << 26 });
    await rename(making, rootFolder);
    return undefined;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    return { missing: `a Debian root (debootstrap: ${String(error).slice(0, 200)})` };
  }
}

/** Boots a machine whose sshd lets `publicKey` in; its files lie in `folder`. Or says what is missing. */
export async function startMachine(
  folder: string,
  publicKey: string,
): Promise<Machine | { missing: string }> {
  const missing = await prepareRoot();
  if (missing) return missing;
  const lab = join(folder, 'machine');
  await mkdir(lab);
  const port = await freePort();
  const hostKey = await makeKey(join(lab, 'host_key'));
  await writeFile(join(lab, 'authorized_keys'), `${publicKey}\n`);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    'HostKey /lab/host_key',
    'AuthorizedKeysFile /lab/authorized_keys',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'UsePAM no',
  ];
  await writeFile(join(lab, 'sshd_config'), `${lines.join('\n')}\n`);
  const nspawn = [
    'systemd-nspawn',
    '-q',
    '-D',
    rootFolder,
    '--volatile=overlay',
    '--register=no',
    '--keep-unit',
    '-b',
    '--console=read-only',
    `--machine=fb-${port}`,
    `--bind-ro=${lab}:/lab`,
    `--bind-ro=${lab}/sshd_config:/etc/ssh/sshd_config`,
  ];
  // A restart ends it with 133, and it is for whoever started it to boot it again.
  const script =
    'mkdir -p /run/systemd/nspawn; mount -t tmpfs t /run/systemd/nspawn; while :; do "$@"; [ $? = 133 ] || break; done';
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      '--pid',
      '--mount-proc',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      script,
      'sh',
      ...nspawn,
    ],
    { stdio: 'ignore' },
  );
  return { port, hostKey, stop: () => stop(child) };
}

/** Its namespace of processes ends with it: the loop, nspawn, and the machine. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}
