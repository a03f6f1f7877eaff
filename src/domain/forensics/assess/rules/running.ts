/** What runs and listens: processes and sockets. */
import type { Fact } from '../../types.ts';
import type { HostView } from '../host-view.ts';
import {
  interpreters,
  isHidden,
  isTemporary,
  type Judgement,
  type Rule,
  shells,
  withTraits,
} from '../rule.ts';

/** Libraries that are preloaded for speed or for builds. */
const usualPreloads =
  /\/(libjemalloc|libtcmalloc|libmimalloc|libfakeroot|libeatmydata|libsnoopy|libasan|libgtk3-nocsd)[^/]*\.so/;
const cutDeleted = (path: string): string => path.replace(/ \(deleted\)$/, '');

const processRule = (id: string, title: string, technique: string, judge: Rule['judge']): Rule => ({
  id,
  title,
  technique,
  artifact: 'processes',
  judge,
});

export const runningRules: readonly Rule[] = [
  processRule('program-in-memory', 'A program that was never a file', 'T1620', ({ detail }) => {
    if (!/^\/?memfd:/.test(detail.exe ?? '')) return undefined;
    // runc runs itself from memory so that a container can't overwrite it.
    const runc = /memfd:runc_cloned/.test(detail.exe ?? '');
    return {
      score: runc ? 20 : 95,
      why: `pid ${detail.pid} runs from memory (${detail.exe}): ${detail.command}`,
    };
  }),
  processRule('deleted-program', 'A running program whose file was deleted', 'T1070.004', judgeDeleted),
  processRule(
    'program-in-odd-place',
    'A program that runs from a place where none belongs',
    'T1036.005',
    ({ path, detail }) => {
      if (path === '' || /memfd:/.test(detail.exe ?? '')) return undefined;
      if (isTemporary(path))
        return { score: 80, why: `pid ${detail.pid} runs ${path}, in a folder that anyone may write to` };
      if (isHidden(path)) return { score: 75, why: `pid ${detail.pid} runs ${path}, which is hidden` };
      return path.startsWith('/dev/')
        ? { score: 90, why: `pid ${detail.pid} runs ${path}, in the folder of devices` }
        : undefined;
    },
  ),
  processRule(
    'false-kernel-thread',
    'A program that calls itself a kernel thread',
    'T1036.004',
    ({ detail }) =>
      detail.exe && !detail.young && /^\[[^\]]+\]$/.test(detail.command?.trim() ?? '')
        ? { score: 92, why: `pid ${detail.pid} shows itself as ${detail.command} and runs ${detail.exe}` }
        : undefined,
  ),
  processRule(
    'preloaded-library',
    'A library loaded into a program from outside',
    'T1574.006',
    ({ detail }) => {
      if (!detail.preload) return undefined;
      const library = detail.preload.replace(/^\w+=/, '');
      const score = usualPreloads.test(library) ? 20 : isTemporary(library) || isHidden(library) ? 92 : 66;
      return { score, why: `pid ${detail.pid} (${detail.command}) was started with ${detail.preload}` };
    },
  ),
  processRule('mapped-code', 'Code mapped from a place where none belongs', 'T1055', ({ detail }) => {
    const maps = (detail.maps ?? '').split('\n');
    const odd = maps.find(
      (one) =>
        isTemporary(one) ||
        (/memfd:/.test(one) && !/memfd:(runc|doublemapper|pulseaudio|JIT|wayland)/i.test(one)),
    );
    // What the program itself runs from is another rule's.
    if (!odd || cutDeleted(odd) === cutDeleted(detail.exe ?? '')) return undefined;
    return { score: 74, why: `pid ${detail.pid} (${detail.command}) runs code of ${odd}` };
  }),
  processRule('java-agent', 'A Java machine with an agent in it', 'T1574', ({ detail }) => {
    const option = /-(?:javaagent|agentpath|agentlib):(?!jdwp)\S+/.exec(
      `${detail.command}\n${detail.environ ?? ''}`,
    )?.[0];
    if (option === undefined) return undefined;
    const file = option.replace(/^-\w+:/, '').split('=')[0] ?? '';
    return {
      score: isTemporary(file) || isHidden(file) ? 88 : 60,
      why: `pid ${detail.pid} was started with ${option}`,
    };
  }),
  processRule('hidden-process', 'A process that is kept out of the list', 'T1014', ({ detail }) => {
    if (detail.kind === 'hidden-process')
      return { score: 95, why: `process ${detail.pid} can be looked up and is not listed in /proc` };
    if (detail.kind !== 'overmount') return undefined;
    const why = `something is mounted over ${detail.mountedOver}, so that the process there cannot be seen`;
    return { score: 95, why, technique: 'T1564.013' };
  }),
  processRule(
    'process-in-place-of-another',
    'A process shown in another’s place',
    'T1564.013',
    ({ detail }) =>
      detail.saysPid
        ? { score: 93, why: `/proc/${detail.pid} says that it is process ${detail.saysPid}` }
        : undefined,
  ),
  processRule('shell-of-server', 'A shell started by a server', 'T1059.004', ({ path, detail }) => {
    const parent = /^\d+ (.*)$/.exec(detail.parent ?? '')?.[1] ?? '';
    const server =
      /(^|\/)(nginx|apache2|httpd|php-fpm[\d.]*|java|tomcat\d*|lighttpd|caddy|mysqld|postgres|redis-server)\b/.exec(
        parent,
      )?.[2];
    if (server === undefined || !(shells.test(path) || interpreters.test(path))) return undefined;
    return withTraits(
      detailOnly(detail),
      65,
      `pid ${detail.pid} (${detail.command}) was started by ${server}`,
    );
  }),
  processRule('command-line', 'A command line as intruders write it', 'T1059.004', (fact) => {
    const ids = (fact.detail.traits ?? '').split(' ');
    const strong = ['reverse-shell', 'fetch-and-run', 'encoded'].filter((id) => ids.includes(id));
    return strong.length > 0
      ? withTraits(fact, 35, `pid ${fact.detail.pid}: ${fact.detail.command}`)
      : undefined;
  }),
  processRule('traced', 'A process that another one controls', 'T1055.008', ({ detail }) =>
    detail.tracer
      ? { score: 45, why: `pid ${detail.pid} (${detail.command}) is traced by ${detail.tracer}` }
      : undefined,
  ),
  {
    id: 'odd-listener',
    title: 'Something listens that should not',
    technique: 'T1571',
    artifact: 'sockets',
    judge: judgeSocket,
  },
];

const detailOnly = (detail: Fact['detail']): Fact => ({
  artifact: 'processes',
  key: '',
  value: '',
  detail,
  technique: '',
  at: null,
  owner: '',
  path: '',
  sha256: '',
});

function judgeDeleted({ path, detail }: Fact, host: HostView): Judgement | undefined {
  if (detail.deleted !== 'yes' || /memfd:/.test(detail.exe ?? '')) return undefined;
  const why = `pid ${detail.pid} runs ${path}, which is no longer there: ${detail.command}`;
  // After an upgrade the old file of a service is gone until it is started anew; then a packaged one has its name.
  const upgraded = host.stateOf(path) === 'packaged' && /^\/(usr\/)?(s?bin|lib|libexec)\//.test(path);
  return upgraded ? { score: 40, why: `${why} (an upgrade does that too)` } : { score: 88, why };
}

const rawUsers =
  /\/(dhclient|dhcpcd|systemd-networkd|NetworkManager|wpa_supplicant|lldpd|keepalived|ping|tcpdump|radvd|udhcpc|busybox|arping|suricata|dnsmasq|frr|bird)$/;
const loopback = /^(127\.|\[::1\]|\[::ffff:127\.)/;

function judgeSocket(fact: Fact, host: HostView): Judgement | undefined {
  const { detail, path } = fact;
  const who = detail.exe || detail.name || 'nobody that can be seen';
  const deleted = detail.exe?.endsWith(' (deleted)');
  if (detail.kind === 'raw' || detail.kind === 'packet') {
    if (rawUsers.test(path) || detail.exe === '') return undefined;
    return { score: 56, why: `${who} reads all packets (${detail.kind} socket)`, technique: 'T1205.002' };
  }
  if (detail.kind === 'talks') {
    if (!shells.test(path) && !(isTemporary(path) || deleted)) return undefined;
    if (loopback.test(detail.remote ?? '')) return undefined;
    return { score: 85, why: `${who} is connected to ${detail.remote}`, technique: 'T1071' };
  }
  const at = `${detail.protocol} ${detail.local}`;
  if (isTemporary(path) || deleted || /memfd:/.test(detail.exe ?? '') || isHidden(path))
    return { score: 90, why: `${who} listens on ${at}` };
  if (shells.test(path) || interpreters.test(path)) {
    const score = loopback.test(detail.local ?? '') ? 48 : /\/(node|php[0-9.]*)$/.test(path) ? 40 : 68;
    return { score, why: `${who}, which can run anything, listens on ${at}` };
  }
  if (/\/sshd$/.test(path) && detail.protocol === 'tcp' && detail.port !== '22')
    return { score: 62, why: `sshd listens on ${at}, not on port 22` };
  if (host.stateOf(path) === 'unpackaged' && /^\/(usr\/)?s?bin\//.test(path))
    return { score: 64, why: `${who}, which belongs to no package, listens on ${at}` };
  return undefined;
}
