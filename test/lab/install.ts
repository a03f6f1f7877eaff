/**
 * Runs before the tests in `npm test`: installs the servers that the lab starts, where that is possible (root
 * and apt-get). Elsewhere it says which are missing and what is skipped for it. It never fails a run.
 */
import { execFile } from 'node:child_process';
import { access, chmod, constants, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A server of the lab: the program that shows that it is there, its Debian package, and what needs it. */
interface LabServer {
  program: string;
  debianPackage: string;
  neededFor: string;
}

const labServers: readonly LabServer[] = [
  {
    program: 'redis-server',
    debianPackage: 'redis-server',
    neededFor: 'the Redis connector and the Redis part of the practice estate',
  },
  {
    program: 'sshd',
    debianPackage: 'openssh-server',
    neededFor: 'SSH, the fleet and its reboot',
  },
  {
    program: 'ip',
    debianPackage: 'iproute2',
    neededFor: 'a fleet of many addresses',
  },
  {
    program: 'systemd-nspawn',
    debianPackage: 'systemd-container',
    neededFor: 'a machine that restarts for real',
  },
  {
    program: 'debootstrap',
    debianPackage: 'debootstrap',
    neededFor: 'a machine that restarts for real',
  },
  {
    program: 'busybox',
    debianPackage: 'busybox-static',
    neededFor: 'the collector on BusyBox',
  },
  {
    program: 'rpmbuild',
    debianPackage: 'rpm',
    neededFor: 'the collector on hosts of the Red Hat family',
  },
  {
    program: 'sqlite3',
    debianPackage: 'sqlite3',
    neededFor: 'the records of logins that newer systems keep in SQLite',
  },
  {
    program: 'setcap',
    debianPackage: 'libcap2-bin',
    neededFor: 'the collector’s view of capabilities',
  },
  // Large, and only for who asks for it.
  ...(process.env.FIREBREAK_LAB_QEMU
    ? [
        {
          program: 'qemu-system-x86_64',
          debianPackage: 'qemu-system-x86',
          neededFor: 'a machine with a kernel of its own',
        },
      ]
    : []),
];

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

async function isInPath(program: string): Promise<boolean> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** While it stands, Debian's packages start no services. Returns what takes it away again. */
async function forbidServices(): Promise<() => Promise<void>> {
  const file = '/usr/sbin/policy-rc.d';
  const before = await readFile(file, 'utf8').catch(() => undefined);
  // One that is there belongs to whoever runs this machine; it is put back as it was.
  await writeFile(file, '#!/bin/sh\nexit 101\n');
  await chmod(file, 0o755);
  return async () => {
    if (before === undefined) await rm(file, { force: true });
    else await writeFile(file, before);
  };
}

async function install(packages: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, maxBuffer: 64 * 1024 * 1024, timeout: 600_000 };
  const flags = ['install', '-y', '-q', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold'];
  const allowServices = await forbidServices();
  try {
    await run('apt-get', [...flags, ...packages], options).catch(async () => {
      // A fresh container has no package lists yet.
      await run('apt-get', ['update', '-q'], options);
      await run('apt-get', [...flags, ...packages], options);
    });
  } finally {
    await allowServices();
  }
}

async function findMissing(): Promise<LabServer[]> {
  const there = await Promise.all(labServers.map(({ program }) => isInPath(program)));
  return labServers.filter((_server, index) => !there[index]);
}

async function main(): Promise<void> {
  const missing = await findMissing();
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && (await isInPath('apt-get'))) {
    const packages = missing.map(({ debianPackage }) => debianPackage);
    say(`installing ${packages.join(', ')} with apt-get; their services are not started`);
    await install(packages).catch((error: unknown) => {
      say(
        `apt-get failed: ${error instanceof Error ? error.message.split('\n').slice(-3).join(' ').slice(0, 400) : error}`,
      );
    });
  }
  for (const { program, debianPackage, neededFor } of await findMissing())
    say(`${program} is missing (Debian package ${debianPackage}): the tests of ${neededFor} are skipped`);
}

await main().catch((error: unknown) => say(`could not prepare the lab: ${error}`));
