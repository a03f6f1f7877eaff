/**
 * Throw-away hosts: a small Debian made once from the packages of this machine, and over it a layer, a process
 * table, a network and a name of its own for each host, all gone when its first process ends. Needs root on Debian
 * with overlayfs; `whyNoThrowaway` says what is missing elsewhere.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Packages of the host; what they depend on comes along. Those that this machine lacks are left out. */
const wanted = [
  'apt',
  'busybox-static',
  'libcap2-bin',
  'libpam-modules',
  'libpam-runtime',
  'login',
  'mawk',
  'openssh-server',
  'passwd',
  'procps',
  'systemd',
];

/** Empty where throw-away hosts can be made. */
export function whyNoThrowaway(): string {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync('/var/lib/dpkg/status')) return 'needs Debian';
  try {
    const trial =
      't=$(mktemp -d) && mount -t tmpfs t $t && mkdir $t/u $t/w $t/m && mount -t overlay o -o lowerdir=/etc,upperdir=$t/u,workdir=$t/w $t/m && umount $t/m && umount $t && rmdir $t';
    execFileSync('unshare', ['-mpfun', '--mount-proc', 'sh', '-c', trial], {
      stdio: 'ignore',
      timeout: 20_000,
    });
    return '';
  } catch {
    return 'needs namespaces and overlayfs';
  }
}

interface Installed {
  name: string;
  paragraph: string;
  needs: string[];
  essential: boolean;
}

/** What dpkg knows, by the names and the names provided. */
function installed(): Map<string, Installed> {
  const all = new Map<string, Installed>();
  const field = (paragraph: string, name: string) =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
  const names = (text: string) =>
    text.split(/\s*,\s*/).map((one) => one.split(/\s*\|\s*/).map((name) => name.replace(/[\s(:].*$/, '')));
  for (const paragraph of readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n')) {
    if (!/^Status: install ok installed$/m.test(paragraph)) continue;
    const needs = [...names(field(paragraph, 'Depends')), ...names(field(paragraph, 'Pre-Depends'))].flat();
    const essential = field(paragraph, 'Essential') === 'yes';
    const one = { name: field(paragraph, 'Package'), paragraph, needs: needs.filter(Boolean), essential };
    all.set(one.name, one);
    for (const provided of names(field(paragraph, 'Provides')).flat())
      if (!all.has(provided)) all.set(provided, one);
  }
  return all;
}

function closure(more: readonly string[]): Installed[] {
  const all = installed();
  const chosen = new Map<string, Installed>();
  const queue = [
    ...wanted,
    ...more,
    ...[...all.values()].filter(({ essential }) => essential).map(({ name }) => name),
  ];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const one = all.get(name);
    if (!one || chosen.has(one.name)) continue;
    chosen.set(one.name, one);
    queue.push(...one.needs);
  }
  return [...chosen.values()];
}

export interface ThrowawayImage {
  folder: string;
  close(): Promise<void>;
}

/** Files of the packages (and `more` of them) as they are here, dpkg's records of them, and the accounts of a fresh system. */
export async function makeImage(...more: string[]): Promise<ThrowawayImage> {
  const base = await mkdtemp(join(tmpdir(), 'firebreak-image-'));
  const folder = join(base, 'root');
  // Each host mounts its layer here, in a mount table of its own, so that nothing of it is left.
  await mkdir(folder);
  await mkdir(join(base, 'host'));
  const packages = closure(more);
  const records = readdirOf('/var/lib/dpkg/info').filter((file) => {
    const name = file.replace(/\.[^.]+$/, '').replace(/:.*$/, '');
    return packages.some((one) => one.name === name);
  });
  const lists = records.filter((file) => file.endsWith('.list'));
  const paths = lists.flatMap((file) => readFileSync(join('/var/lib/dpkg/info', file), 'utf8').split('\n'));
  const files = paths.filter(
    (path) =>
      path.length > 1 && !/^\/usr\/share\/(doc|man|locale|info|i18n|lintian|bash-completion)\//.test(path),
  );
  const merged = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].filter((name) => existsSync(`/${name}`));
  const names = [
    ...merged,
    ...files.map((path) => path.slice(1)),
    ...records.map((file) => `var/lib/dpkg/info/${file}`),
  ];
  const list = join(folder, '.list');
  await writeFile(
    list,
    [...new Set(names)].filter((name) => existsSync(`/${name}`) || merged.includes(name)).join('\0'),
  );
  await run('sh', [
    '-c',
    `mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib32" "$1/usr/lib64" "$1/usr/libx32"; tar -C / --null --no-recursion -cf - -T "$1/.list" | tar -C "$1" --keep-directory-symlink -xpf - && rm "$1/.list"`,
    'sh',
    folder,
  ]);
  await writeFile(
    join(folder, 'var/lib/dpkg/status'),
    `${packages.map(({ paragraph }) => paragraph).join('\n\n')}\n`,
  );
  await run('sh', ['-c', finish, 'sh', folder]);
  return { folder, close: () => rm(base, { recursive: true, force: true }) };
}

const readdirOf = (folder: string): string[] =>
  execFileSync('ls', [folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\n')
    .filter(Boolean);

/** What the packages' own scripts would do when they are set up. */
const finish = String.raw`
set -e; cd "$1"
mkdir -p proc sys dev run tmp var/tmp root home var/log var/spool/cron/crontabs etc/alternatives var/www srv opt usr/local/bin
chmod 1777 tmp var/tmp
cp usr/share/base-passwd/passwd.master etc/passwd; cp usr/share/base-passwd/group.master etc/group
sed -i 's/^\([^:]*\):\*:/\1:x:/' etc/passwd
echo 'sshd:x:101:65534::/run/sshd:/usr/sbin/nologin' >>etc/passwd
awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' etc/passwd >etc/shadow; chmod 640 etc/shadow
cp usr/share/base-files/nsswitch.conf etc/nsswitch.conf 2>/dev/null || true
cp usr/share/base-files/dot.bashrc root/.bashrc; cp usr/share/base-files/dot.profile root/.profile
cp /etc/pam.d/common-* etc/pam.d/
ln -sf ../usr/lib/os-release etc/os-release
for link in /usr/bin/* /usr/sbin/*; do
  [ -L "$link" ] || continue
  case $(readlink "$link") in /etc/alternatives/*) ;; *) continue ;; esac
  name=$(readlink "$link"); target=$(readlink -f "$link")
  [ -e ".$target" ] && { ln -sf "$name" ".$link"; ln -sf "$(readlink "$name")" ".$name"; }
done
[ -f etc/ssh/sshd_config ] || cp usr/share/openssh/sshd_config etc/ssh/ 2>/dev/null || true
echo throwaway >etc/hostname; printf '127.0.0.1\tlocalhost\n' >etc/hosts
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
: >var/log/wtmp; : >var/log/btmp
chroot . ldconfig
`;

export interface HostRun {
  /** Runs in the host first, as root, with sh; what it starts in the background stays. */
  plant?: string;
  /** Then runs this, from stdin of `shell`. */
  script: string;
  /** `sh` by default. */
  shell?: readonly string[];
  msMax?: number;
}

/** One host, from its start to its end. The output is the script's. */
export async function runHost(
  image: ThrowawayImage,
  { plant = '', script, shell = ['sh', '-s'], msMax = 90_000 }: HostRun,
): Promise<Buffer> {
  const start = String.raw`
set -e
t=$IMAGE/../host
mount --make-rprivate /
mount -t tmpfs t "$t"; mkdir "$t/u" "$t/w" "$t/m"
mount -t overlay overlay -o "lowerdir=$IMAGE,upperdir=$t/u,workdir=$t/w" "$t/m"; cd "$t/m"
mount -t proc proc proc; mount -t tmpfs dev dev; mkdir dev/shm dev/pts; mount -t tmpfs shm dev/shm; chmod 1777 dev/shm
mount -t tmpfs run run
for d in null zero full random urandom tty; do cp -a "/dev/$d" "dev/$d"; done
ln -s /proc/self/fd dev/fd
hostname throwaway; ip link set lo up 2>/dev/null || true
exec env -i PLANT="$PLANT" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot . /bin/sh -c '
sh -c "$PLANT" </dev/null >/dev/null 2>/run/plant.log || { cat /run/plant.log >&2; exit 90; }
unset PLANT
"$@"
' init "$@"
`;
  const args = [
    '--mount',
    '--pid',
    '--fork',
    '--net',
    '--uts',
    '--ipc',
    '--kill-child',
    'sh',
    '-c',
    start,
    'sh',
    ...shell,
  ];
  const child = spawn('unshare', args, {
    env: { PATH: process.env.PATH, IMAGE: image.folder, PLANT: plant },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), msMax);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => void err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(script);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (value) => resolve(value));
  });
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(
      `the throw-away host ended with ${code}: ${Buffer.concat(err).toString('utf8').slice(-2_000)}`,
    );
  return Buffer.concat(out);
}
