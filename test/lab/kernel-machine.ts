/**
 * A machine with a kernel of its own, under qemu: Debian's cloud kernel, BusyBox as its system and Dropbear as its SSH
 * server, all in an initramfs made here. It needs no root and no network of its own: qemu forwards one port of
 * 127.0.0.1 to it. It is asked for with FIREBREAK_LAB_QEMU=1 (the processor is emulated, slow and everywhere) or
 * FIREBREAK_LAB_QEMU=kvm. Its packages are downloaded once, unpacked below /var/tmp and not installed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/store/postgres/server.ts';

const run = promisify(execFile);
const partsFolder = '/var/tmp/firebreak-lab-kernel';
const qemu = 'qemu-system-x86_64';

export interface KernelMachine {
  port: number;
  hostKey: string;
  /** As `uname -r` must say it. */
  kernel: string;
  machineId: string;
  /** What qemu has complained of, and what the machine has said on its console. */
  console(): Promise<string>;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/** Empty where such a machine can be started; else what is missing. */
export async function whyNoKernelMachine(): Promise<string> {
  if (!process.env.FIREBREAK_LAB_QEMU) return 'FIREBREAK_LAB_QEMU is not set';
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Linux on amd64 is missing';
  const needed: [program: string, debianPackage: string][] = [
    [qemu, 'qemu-system-x86'],
    ['busybox', 'busybox-static'],
    ['setpriv', 'util-linux'],
  ];
  for (const [program, debianPackage] of needed)
    if (!(await run('which', [program]).catch(() => undefined)))
      return `${program} is missing (Debian package ${debianPackage})`;
  return prepareParts();
}

/** Kernel, modules and Dropbear, unpacked. Returns why they can't be had. */
async function prepareParts(): Promise<string> {
  const isThere = await access(join(partsFolder, 'boot')).then(
    () => true,
    () => false,
  );
  if (isThere) return '';
  const making = await mkdtemp(`${partsFolder}.`);
  try {
    const { stdout } = await run('apt-cache', ['depends', 'linux-image-cloud-amd64']);
    const kernel = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
    if (!kernel) throw new Error('the package lists know no linux-image-cloud-amd64');
    const packages = [kernel, 'dropbear-bin', 'libtomcrypt1', 'libtommath1'];
    await run('apt-get', ['download', '-q', ...packages], { cwd: making, timeout: 300_000 });
    for (const file of (await readdir(making)).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', file, '.'], { cwd: making });
      await rm(join(making, file));
    }
    await rename(making, partsFolder);
    return '';
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    return `Debian's kernel and Dropbear could not be downloaded (${String(error).slice(0, 200)})`;
  }
}

/** Boots one whose SSH server lets `publicKey` in as root; its files lie in `folder`. */
export async function startKernelMachine(folder: string, publicKey: string): Promise<KernelMachine> {
  const port = await freePort();
  const machineId = randomBytes(16).toString('hex');
  const { hostKey, kernel } = await makeInitramfs(folder, { publicKey, machineId });
  const consoleFile = join(folder, 'console');
  const accelerator =
    process.env.FIREBREAK_LAB_QEMU === 'kvm' ? ['-accel', 'kvm'] : ['-accel', 'tcg,thread=multi'];
  const args = [
    ...accelerator,
    ...['-M', 'q35', '-cpu', 'max', '-m', '192', '-smp', '1', '-nographic', '-nodefaults'],
    ...['-serial', `file:${consoleFile}`],
    ...['-kernel', join(partsFolder, 'boot', `vmlinuz-${kernel}`), '-initrd', join(folder, 'initramfs')],
    ...[
      '-append',
      'console=ttyS0 quiet panic=1 random.trust_cpu=on mitigations=off tsc=reliable no_timer_check',
    ],
    // It reaches nobody: only who calls it is answered.
    ...['-netdev', `user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...['-device', 'virtio-net-pci,netdev=n,romfile='],
  ];
  // The kernel ends it with this process, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', qemu, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2_000);
  });
  return {
    port,
    hostKey,
    kernel,
    machineId,
    console: async () => `${complaint}${await readFile(consoleFile, 'latin1').catch(() => '')}`,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** In the order in which they must be loaded. */
const modules =
  'failover net_failover virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_net';

const files: Readonly<Record<string, string>> = {
  // What is in an initramfs is on no file system that a walk over disks finds, so it moves to one.
  init: `#!/bin/busybox sh
/bin/busybox mount -t tmpfs -o mode=755 root /new
for d in bin dev etc lib lib64 proc root run sbin sys tmp usr var; do /bin/busybox cp -a /$d /new/; done
exec /bin/busybox switch_root /new /sbin/init
`,
  'etc/rc': `#!/bin/busybox sh
/bin/busybox --install -s
chown -R 0:0 /; chmod 700 /root /root/.ssh; chmod 600 /root/.ssh/authorized_keys /etc/shadow
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm; mount -t devpts pts /dev/pts
hostname kernel-machine
for m in ${modules}; do insmod /lib/modules/$(uname -r)/$m.ko; done
ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0
`,
  'etc/inittab': `::sysinit:/etc/rc
::respawn:/usr/sbin/dropbear -F -R -E -s -r /etc/dropbear/key -p 22
::shutdown:/bin/sync
`,
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/shadow': 'root:*:19000::::::\n',
  'etc/group': 'root:x:0:\n',
  'etc/shells': '/bin/sh\n',
  'etc/os-release': 'ID=busybox\nVERSION_ID=1\n',
};

const folders =
  'bin dev etc/dropbear lib lib64 new proc root/.ssh run sbin sys tmp usr/bin usr/sbin var/log var/run';

/** Lays the system out in a folder and packs it. */
async function makeInitramfs(
  folder: string,
  { publicKey, machineId }: { publicKey: string; machineId: string },
): Promise<{ hostKey: string; kernel: string }> {
  const root = await mkdtemp(join(tmpdir(), 'firebreak-initramfs-'));
  const at = (path: string) => join(root, path);
  try {
    for (const path of folders.split(' ')) await mkdir(at(path), { recursive: true });
    for (const [path, text] of Object.entries(files)) await writeFile(at(path), text, { mode: 0o755 });
    await writeFile(at('etc/machine-id'), `${machineId}\n`);
    await writeFile(at('root/.ssh/authorized_keys'), `${publicKey}\n`);
    const [kernel = ''] = await readdir(join(partsFolder, 'lib', 'modules'));
    await copyPrograms(root, kernel);
    const hostKey = await makeHostKey(at('etc/dropbear/key'));
    const pack = 'cd "$1" && find . | busybox cpio -o -H newc | gzip -1 >"$2"';
    await run('sh', ['-ec', pack, 'sh', root, join(folder, 'initramfs')]);
    return { hostKey, kernel };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Its libraries were unpacked, not installed. */
const withParts = {
  env: { ...process.env, LD_LIBRARY_PATH: join(partsFolder, 'usr', 'lib', 'x86_64-linux-gnu') },
};

async function copyPrograms(root: string, kernel: string): Promise<void> {
  const copy = (from: string, to: string) => run('cp', ['-L', from, join(root, to)]);
  const dropbear = join(partsFolder, 'usr', 'sbin', 'dropbear');
  const { stdout: busybox } = await run('which', ['busybox']);
  await copy(busybox.trim(), 'bin/busybox');
  await run('ln', ['-s', '/bin/busybox', join(root, 'sbin', 'init')]);
  await copy(dropbear, 'usr/sbin/dropbear');
  const { stdout: libraries } = await run('ldd', [dropbear], withParts);
  for (const [, file = ''] of libraries.matchAll(/(\/\S+\.so\S*)/g))
    await copy(file, join(basename(file).startsWith('ld-') ? 'lib64' : 'lib', basename(file)));
  const from = join(partsFolder, 'lib', 'modules', kernel);
  await mkdir(join(root, 'lib', 'modules', kernel), { recursive: true });
  for (const name of modules.split(' ')) {
    const { stdout } = await run('find', [from, '-name', `${name}.ko`]);
    await copy(stdout.trim(), join('lib', 'modules', kernel, `${name}.ko`));
  }
}

async function makeHostKey(file: string): Promise<string> {
  const program = join(partsFolder, 'usr', 'bin', 'dropbearkey');
  const { stdout } = await run(program, ['-t', 'ed25519', '-f', file], withParts);
  const line = /^ssh-ed25519 \S+/m.exec(stdout)?.[0];
  if (!line) throw new Error(`dropbearkey says no public key: ${stdout.slice(0, 200)}`);
  return line;
}
