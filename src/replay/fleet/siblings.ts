/**
 * What stands on a practice host that is no real one: alike within a role, with the small differences that every
 * fleet has. It says of itself that it is a stand-in.
 */

import { createHash } from 'node:crypto';
import type { Sections } from './answer.ts';
import type { Boot } from './boots.ts';
import type { CastHost } from './cast.ts';

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const installedSeconds = 1_690_000_000;

const basePackages =
  'adduser apt base-files base-passwd bash bsdutils coreutils cron dash debconf debianutils diffutils dpkg e2fsprogs findutils gpgv grep gzip hostname init iproute2 iputils-ping kmod less libc6 libpam-modules login logrotate lsof mawk mount nano ncurses-base openssh-client openssh-server openssl passwd perl-base procps python3 rsyslog sed sudo systemd systemd-timesyncd sysvinit-utils tar tzdata udev util-linux vim-tiny zlib1g'.split(
    ' ',
  );
const rolePackages: Readonly<Record<string, string>> = {
  edge: 'nginx libnginx-mod-http-lua nftables bird2',
  web: 'nginx nodejs php8.2-fpm',
  api: 'nodejs openjdk-17-jre-headless',
  cache: 'redis-server',
  queue: 'rabbitmq-server erlang-base',
  database: 'postgresql-15 pgbouncer barman-cli',
  storage: 'ceph-osd smartmontools mdadm',
  build: 'git docker.io make gcc openjdk-17-jdk-headless',
  metrics: 'prometheus prometheus-node-exporter grafana',
  bastion: 'fail2ban google-authenticator',
};
const services: Readonly<Record<string, string>> = {
  edge: 'nginx',
  web: 'nginx',
  api: 'app',
  cache: 'redis-server',
  queue: 'rabbitmq-server',
  database: 'postgresql',
  storage: 'ceph-osd',
  build: 'docker',
  metrics: 'prometheus',
  bastion: 'fail2ban',
};

/** A tag and its fields. */
type Entry = readonly string[];

/** The records of a file with its text, as the collector prints them. */
function file(
  path: string,
  text: string,
  more: { mode?: string; owner?: string; at?: number } = {},
): Entry[] {
  const at = String(more.at ?? installedSeconds);
  return [
    [
      'stat',
      more.mode ?? '644',
      '0',
      more.owner ?? 'root',
      '0',
      String(text.length),
      at,
      at,
      '1',
      'regular file',
      path,
    ],
    ['hash', `${hex(text)}  ${path}`],
    ['file', `${path}\n${text}`],
  ];
}

const unit = (name: string, start: string): string =>
  `[Unit]\nDescription=${name}\n[Service]\nExecStart=${start}\n[Install]\nWantedBy=multi-user.target`;

/** Everything of one host; `uptimeSeconds` tells when it last started. */
export function sectionsOf(host: CastHost, boot: Boot, nowSeconds: number): Sections {
  const { role } = host;
  const service = services[role] ?? 'app';
  const odd = oddities(host);
  const programs = (names: string, mode: string) => names.split(' ').flatMap((name) => program(name, mode));
  return new Map<string, readonly Entry[]>([
    ['identity', identity(host, boot, nowSeconds)],
    ['accounts', accounts(service)],
    ['sudo', file('/etc/sudoers', 'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL', { mode: '440' })],
    [
      'ssh-access',
      [
        ...file('/etc/ssh/sshd_config', 'PermitRootLogin prohibit-password\nPasswordAuthentication no'),
        ...file('/home/ops/.ssh/authorized_keys', publicKey('ops'), { mode: '600', owner: 'ops' }),
        ...odd.keys,
      ],
    ],
    ['unpackaged', [['known'], ...odd.unpackaged]],
    [
      'cron',
      [
        ...file('/etc/crontab', '17 * * * * root cd / && run-parts --report /etc/cron.hourly'),
        ...file('/etc/cron.daily/logrotate', '#!/bin/sh\nlogrotate /etc/logrotate.conf', { mode: '755' }),
        ...odd.cron,
      ],
    ],
    ['systemd', units(role, service)],
    ['packages', packages(host)],
    ['key-programs', programs('bash dash login ssh su sudo sshd ls ps', '755')],
    ['privileged', programs('chsh gpasswd mount passwd su sudo umount', '4755')],
    ['package-verify', []],
  ]);
}

/** Who a host says it is, as /etc/machine-id has it. */
export const machineIdOf = ({ name }: CastHost): string => hex(`machine ${name}`).slice(0, 32);

function identity(host: CastHost, boot: Boot, nowSeconds: number): Entry[] {
  return [
    ['hostname', host.name],
    ['machine_id', machineIdOf(host)],
    ['boot_id', boot.id],
    ['uptime', `${Math.max(1, nowSeconds - boot.at)}.00`],
    ['kernel', 'Linux 6.1.0-18-amd64 (practice stand-in, no real host) x86_64'],
    ['now', String(nowSeconds)],
    ['timezone', 'UTC'],
    ['os_id', 'debian'],
    ['os_version', '12'],
    ['container', ''],
  ];
}

function accounts(service: string): Entry[] {
  const lines = [
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin',
    'ops:x:1000:1000:Operations:/home/ops:/bin/bash',
    `${service}:x:110:115::/var/lib/${service}:/usr/sbin/nologin`,
  ];
  const locked = lines.map((line) => `${line.split(':')[0]}:locked:19600:`);
  return [
    ['passwd', `\n${lines.join('\n')}`],
    ['group', '\nroot:x:0:\nsudo:x:27:ops'],
    ['shadow', `\n${locked.join('\n')}`],
  ];
}

function units(role: string, service: string): Entry[] {
  const named = ['ssh', 'cron', 'rsyslog', 'systemd-timesyncd', service];
  const parts = Array.from({ length: 40 }, (_, index) => `part-${role}-${index}`);
  return [...named, ...parts].flatMap((name) =>
    file(`/usr/lib/systemd/system/${name}.service`, unit(name, `/usr/sbin/${name} -D`)),
  );
}

function packages({ role, number }: CastHost): Entry[] {
  const names = [...basePackages, ...(rolePackages[role] ?? '').split(' ')].filter((one) => one !== '');
  // One in forty missed the last update of one package.
  const late = number % 40 === 7 ? names[number % names.length] : undefined;
  return names.map((name) => ['package', name, 'amd64', name === late ? '2.1-1' : '2.1-1+deb12u3']);
}

function program(name: string, mode: string): Entry[] {
  const at = String(installedSeconds);
  const path = `/usr/bin/${name}`;
  return [
    ['stat', mode, '0', 'root', '0', '100000', at, at, '1', 'regular file', path],
    ['hash', `${hex(`program ${name}`)}  ${path}`],
  ];
}

const publicKey = (name: string): string => `ssh-ed25519 AAAAC3${hex(`key of ${name}`).slice(0, 60)} ${name}`;

/** Honest differences, as people leave them: a forgotten key, a job put in by hand. They must not outrank an intruder. */
function oddities({ number, name }: CastHost): { keys: Entry[]; cron: Entry[]; unpackaged: Entry[] } {
  const keys =
    number % 97 === 31
      ? file('/home/ops/.ssh/authorized_keys2', publicKey(`contractor of ${name}`), {
          mode: '600',
          owner: 'ops',
        })
      : [];
  const job = file('/etc/cron.d/local-report', `30 6 * * 1 ops /usr/bin/df -h | mail -s ${name} ops`, {
    at: 1_697_000_000,
  });
  const hasJob = number % 89 === 44;
  return { keys, cron: hasJob ? job : [], unpackaged: hasJob ? job.slice(0, 2) : [] };
}
