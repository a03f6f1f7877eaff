/** What is running: from which file, started how, by whom, and what it hides. */
import { fieldsOf, headOf, linkOf, type Row } from '../collector/records.ts';
import type { Fact } from '../types.ts';
import { artifact, fact } from './artifact.ts';
import { traitsOf } from './traits.ts';

export const processes = artifact({
  id: 'processes',
  title: 'Processes',
  what: 'Command line, program, its deletion, working folder, parent, user, tracer, LD_PRELOAD and Java options, mappings out of writable folders, processes that /proc does not list.',
  techniques: ['T1055', 'T1620', 'T1070.004', 'T1564.013', 'T1574.006', 'T1014'],
  withoutRoot: 'without root the programs and environments of other users’ processes cannot be read',
  bytesMax: 6 * 1024 * 1024,
  script: String.raw`
r self "$SELF"
r initns "$(readlink /proc/1/ns/pid)" "$(readlink /proc/self/ns/pid)"
stat0() { stat -c "$N$TAB""$1$TAB%N" $2 2>/dev/null; }
stat0 exe '/proc/[0-9]*/exe'; stat0 cwd '/proc/[0-9]*/cwd'; stat0 root '/proc/[0-9]*/root'; stat0 pidns '/proc/[0-9]*/ns/pid'
r status; grep -HE '^(Name|State|Pid|PPid|Uid|TracerPid|NSpid|CapEff):' /proc/[0-9]*/status
r stat; grep -H '' /proc/[0-9]*/stat
r btime "$(sed -n 's/^btime //p' /proc/stat)" "$(getconf CLK_TCK 2>/dev/null || echo 100)"
r cmdline; grep -zH '' /proc/[0-9]*/cmdline; printf '\n'
# What has ended meanwhile has no command line any more, and is no part of the host.
stat0 still '/proc/[0-9]*/exe'
r environ; grep -zHE '^(LD_PRELOAD|LD_AUDIT|LD_LIBRARY_PATH|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CATALINA_OPTS|JAVA_OPTS|NODE_OPTIONS|PYTHONSTARTUP|PERL5OPT|RUBYOPT|BASH_ENV|HISTFILE|container)=' /proc/[0-9]*/environ; printf '\n'
r maps; grep -HE ' (/tmp/|/var/tmp/|/dev/shm/|/run/user/|/memfd:|memfd:|/home/[^ ]*\.so|/root/[^ ]*\.so|/.*\.so[^ ]* \(deleted\))' /proc/[0-9]*/maps | grep -E ' [r-][w-]x[ps-] ' | awk '{ print $1, $2, substr($0, index($0, $6)) }' | sort -u | head -n 2000
awk -v N="$N" '$5 ~ /^\/proc\/[0-9]+(\/|$)/ { printf "%s\tovermount\t%s\t%s\n", N, $5, $4 }' /proc/self/mountinfo
# A process that can be looked up by number and is not listed is hidden from the list.
top=$(awk '{ print $5 }' /proc/loadavg); max=$(cat /proc/sys/kernel/pid_max)
[ "$top" -gt 0 ] 2>/dev/null || top=32768; [ "$max" -gt 32768 ] || top=$max; from=2
[ "$top" -gt 65536 ] && { from=$((top - 65536)); note "only process numbers $from to $top were tried for hidden ones"; }
listed=" $(cd /proc && echo [0-9]*) "; p=$from
while [ $p -le "$top" ]; do
  if [ -d /proc/$p ]; then case $listed in *" $p "*) ;; *) t=; while read -r k v; do [ "$k" = Tgid: ] && { t=$v; break; }; done </proc/$p/status; if [ "$t" = "$p" ] && sleep 0.1 && [ -d /proc/$p ]; then case " $(cd /proc && echo [0-9]*) " in *" $p "*) ;; *) r hidden $p ;; esac; fi ;; esac; fi
  p=$((p + 1))
done
`,
  parse: ({ rows, startedAt }) => processFacts(rows, startedAt),
});

interface Process {
  pid: number;
  status: Map<string, string>;
  exe: string;
  cwd: string;
  root: string;
  pidns: string;
  argv: string[];
  environ: string[];
  maps: Set<string>;
  startTicks: number;
}

const bodyOf = (rows: readonly Row[], tag: string) => rows.find((row) => row.tag === tag)?.text ?? '';

function gather(rows: readonly Row[]): Map<number, Process> {
  const all = new Map<number, Process>();
  const of = (pid: string): Process => {
    const number = Number(pid);
    const found = all.get(number);
    if (found) return found;
    const fresh = {
      pid: number,
      status: new Map(),
      exe: '',
      cwd: '',
      root: '',
      pidns: '',
      argv: [],
      environ: [],
      maps: new Set<string>(),
      startTicks: 0,
    };
    all.set(number, fresh);
    return fresh;
  };
  for (const { tag, text } of rows) {
    if (tag !== 'exe' && tag !== 'cwd' && tag !== 'root' && tag !== 'pidns') continue;
    const [path, target] = linkOf(text);
    const pid = /^\/proc\/(\d{1,10})\//.exec(path)?.[1];
    if (pid !== undefined) of(pid)[tag] = target;
  }
  each(bodyOf(rows, 'status'), '\n', (pid, line) => {
    const [, name = '', value = ''] = /^(\w+):\s*(.*)$/.exec(line) ?? [];
    of(pid).status.set(name, value);
  });
  each(bodyOf(rows, 'stat'), '\n', (pid, line) => {
    // The name in parentheses may hold anything; the last `)` ends it.
    const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    if (ticks !== undefined && /^\d+$/.test(ticks)) of(pid).startTicks = Number(ticks);
  });
  each(bodyOf(rows, 'cmdline'), '\0', (pid, arg) => void of(pid).argv.push(arg));
  each(bodyOf(rows, 'environ'), '\0', (pid, one) => void of(pid).environ.push(one));
  each(
    bodyOf(rows, 'maps'),
    '\n',
    (pid, line) => void of(pid).maps.add(/^\S+ \S+ (.*)$/.exec(line)?.[1] ?? ''),
  );
  return all;
}

/** grep's `/proc/PID/name:rest`. */
function each(body: string, separator: string, use: (pid: string, rest: string) => void): void {
  for (const piece of body.split(separator)) {
    const match = /^\n?\/proc\/(\d{1,10})\/\w+:/.exec(piece);
    if (match) use(match[1] ?? '', piece.slice(match[0].length));
  }
}

function processFacts(rows: readonly Row[], startedAt: Date | null): Fact[] {
  const all = gather(rows);
  const own = withDescendants(all, Number(bodyOf(rows, 'self')));
  const [btime = '', tick = ''] = fieldsOf(bodyOf(rows, 'btime'), 1);
  const initns = fieldsOf(bodyOf(rows, 'initns'), 1)[0] ?? '';
  const still = stillThere(rows);
  const facts = [...all.values()]
    .filter(({ pid, exe }) => !own.has(pid) && (exe === '' || still.size === 0 || still.has(pid)))
    .map((process) =>
      processFact(process, all, { btime: Number(btime), tick: Number(tick) || 100, initns, startedAt }),
    );
  const hidden = rows.flatMap(({ tag, text }) => {
    if (tag === 'overmount') {
      const [path = '', source = ''] = fieldsOf(headOf(text)[0], 1);
      const process = all.get(Number(/^\/proc\/(\d+)/.exec(path)?.[1]));
      const detail = {
        kind: 'overmount',
        mountedOver: path,
        source,
        seenThere: process?.argv.join(' ') ?? '',
      };
      return [
        fact({
          artifact: 'processes',
          key: 'mount over a process',
          value: source,
          technique: 'T1564.013',
          path,
          detail,
        }),
      ];
    }
    if (tag !== 'hidden') return [];
    const detail = { kind: 'hidden-process', pid: headOf(text)[0] };
    return [
      fact({ artifact: 'processes', key: 'unlisted process', value: 'yes', technique: 'T1014', detail }),
    ];
  });
  return [...facts, ...hidden];
}

/** Those that had a program at the end of the look, too. */
const stillThere = (rows: readonly Row[]): Set<number> =>
  new Set(
    rows.flatMap(({ tag, text }) => (tag === 'still' ? Number(/\/proc\/(\d+)\/exe/.exec(text)?.[1]) : [])),
  );

/** The collector's own processes are no part of the host. */
function withDescendants(all: Map<number, Process>, self: number): Set<number> {
  const own = new Set([self]);
  for (let grew = self > 0; grew; ) {
    grew = false;
    for (const { pid, status } of all.values()) {
      if (own.has(pid) || !own.has(Number(status.get('PPid')))) continue;
      own.add(pid);
      grew = true;
    }
  }
  return own;
}

interface Times {
  btime: number;
  tick: number;
  initns: string;
  startedAt: Date | null;
}

/** The clock of /proc is known to the second only. */
const youngMs = 2_000;

const listeners = /^(LD_PRELOAD|LD_AUDIT)=/;

function processFact(
  process: Process,
  all: Map<number, Process>,
  { btime, tick, initns, startedAt }: Times,
): Fact {
  const { pid, status, exe, cwd, root, pidns, argv, environ, maps, startTicks } = process;
  const deleted = exe.endsWith(' (deleted)');
  const path = exe.replace(/ \(deleted\)$/, '');
  const command = argv.join(' ') || `[${status.get('Name') ?? ''}]`;
  const parent = all.get(Number(status.get('PPid')));
  const uid = status.get('Uid')?.split(/\s/)[0] ?? '';
  const inner = status.get('Pid');
  const at = btime > 0 && startTicks > 0 ? new Date((btime + startTicks / tick) * 1000) : null;
  return fact({
    artifact: 'processes',
    key: `${exe || `[${normalise(status.get('Name') ?? '')}]`} uid ${uid}`,
    value: normalise(command),
    technique: exe.includes('memfd:') ? 'T1620' : deleted ? 'T1070.004' : '',
    at,
    owner: uid,
    path: path.startsWith('/') && !path.startsWith('/memfd:') ? path : '',
    detail: {
      kind: exe === '' && argv.length === 0 ? 'kernel-thread' : 'process',
      pid: String(pid),
      parent: parent
        ? `${status.get('PPid')} ${parent.argv.join(' ') || parent.status.get('Name')}`
        : (status.get('PPid') ?? ''),
      command,
      name: status.get('Name') ?? '',
      exe,
      deleted: deleted ? 'yes' : '',
      cwd,
      root: root === '/' ? '' : root,
      tracer: status.get('TracerPid') === '0' ? '' : (status.get('TracerPid') ?? ''),
      otherPidSpace: pidns !== '' && initns !== '' && pidns !== initns ? 'yes' : '',
      // Begun after the collector itself: one that is just being started shows no command line.
      young: startedAt && at && at.getTime() > startedAt.getTime() + youngMs ? 'yes' : '',
      saysPid: inner !== undefined && inner !== String(pid) ? inner : '',
      environ: environ.filter((one) => !one.startsWith('container=')).join('\n'),
      preload: environ.filter((one) => listeners.test(one)).join(' '),
      maps: [...maps].join('\n'),
      capabilities: status.get('CapEff') ?? '',
      traits: traitsOf(`${argv.join(' ')}\n${environ.join('\n')}`).join(' '),
    },
  });
}

/** Numbers and random names that differ between siblings and between starts become `#`. */
function normalise(command: string): string {
  return command
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#')
    .replace(/\b[0-9a-f]{12,}\b/gi, '#')
    .replace(/\d{2,}/g, '#');
}
