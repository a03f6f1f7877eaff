/** What listens and who talks to whom, each with the process that holds it. */
import { headOf, linkOf, type Row } from '../collector/records.ts';
import type { Fact } from '../types.ts';
import { artifact, fact } from './artifact.ts';

export const sockets = artifact({
  id: 'sockets',
  title: 'Sockets',
  what: 'Listening ports and connections of TCP and UDP, raw and packet sockets, with the program that holds each.',
  techniques: ['T1571', 'T1205.002', 'T1071'],
  withoutRoot: 'without root the owners of other users’ sockets cannot be told',
  bytesMax: 6 * 1024 * 1024,
  script: String.raw`
r self "$SELF"
for t in tcp tcp6 udp udp6 raw raw6 packet; do [ -r /proc/net/$t ] && { r net "$t"; head -n 20000 /proc/net/$t; }; done
find /proc/[0-9]*/fd -maxdepth 1 -type l -print0 2>/dev/null | xargs -0 -r stat -c "$N$TAB""fd$TAB%N" 2>/dev/null | grep 'socket:\[' | head -n 50000
stat -c "$N$TAB""exe$TAB%N" /proc/[0-9]*/exe 2>/dev/null
r name; grep -H '' /proc/[0-9]*/comm
`,
  parse: ({ rows }) => socketFacts(rows),
});

interface Holder {
  pid: string;
  exe: string;
  name: string;
}

function holdersOf(rows: readonly Row[]): Map<string, Holder> {
  const exes = new Map<string, string>();
  const names = new Map<string, string>();
  for (const { tag, text } of rows) {
    if (tag !== 'exe') continue;
    const [path, target] = linkOf(text);
    const pid = /^\/proc\/(\d+)\/exe$/.exec(path)?.[1];
    if (pid) exes.set(pid, target);
  }
  for (const line of (rows.find(({ tag }) => tag === 'name')?.text ?? '').split('\n')) {
    const match = /^\/proc\/(\d+)\/comm:(.*)$/.exec(line);
    if (match) names.set(match[1] ?? '', match[2] ?? '');
  }
  const holders = new Map<string, Holder>();
  for (const { tag, text } of rows) {
    if (tag !== 'fd') continue;
    const match = /^'?\/proc\/(\d+)\/fd\/\d+'? -> '?socket:\[(\d+)\]/.exec(text);
    const [, pid = '', inode = ''] = match ?? [];
    if (match && !holders.has(inode))
      holders.set(inode, { pid, exe: exes.get(pid) ?? '', name: names.get(pid) ?? '' });
  }
  return holders;
}

function socketFacts(rows: readonly Row[]): Fact[] {
  const holders = holdersOf(rows);
  return rows.flatMap(({ tag, text }) => {
    if (tag !== 'net') return [];
    const [table, body] = headOf(text);
    return body
      .split('\n')
      .slice(1)
      .flatMap((line) => lineFact(table, line.trim(), holders));
  });
}

function lineFact(table: string, line: string, holders: Map<string, Holder>): Fact[] {
  const columns = line.split(/\s+/);
  if (columns.length < 8) return [];
  if (table === 'packet') return [packetFact(columns, holders)];
  const [local, localPort] = address(columns[1] ?? '');
  const [remote, remotePort] = address(columns[2] ?? '');
  const protocol = table.replace('6', '');
  const listens = protocol === 'tcp' ? columns[3] === '0A' : remotePort === 0;
  const established = protocol === 'tcp' ? columns[3] === '01' : remotePort !== 0;
  if (!listens && !established) return [];
  const holder = holders.get(columns[9] ?? '') ?? { pid: '', exe: '', name: '' };
  const program = holder.exe || holder.name || 'unknown';
  const kind = protocol === 'raw' ? 'raw' : listens ? 'listens' : 'talks';
  // Of connections the other end is what siblings share; our own port is chance.
  const key = listens ? `${protocol} ${local}:${localPort}` : `${protocol} to ${remote}:${remotePort}`;
  const detail = {
    kind,
    protocol,
    local: `${local}:${localPort}`,
    remote: listens ? '' : `${remote}:${remotePort}`,
    port: String(localPort),
    pid: holder.pid,
    name: holder.name,
    exe: holder.exe,
  };
  const technique = kind === 'raw' ? 'T1205.002' : kind === 'listens' ? 'T1571' : 'T1071';
  const path = holder.exe.replace(/ \(deleted\)$/, '');
  return [
    fact({
      artifact: 'sockets',
      key,
      value: program,
      technique,
      owner: columns[7] ?? '',
      path: path.startsWith('/') ? path : '',
      detail,
    }),
  ];
}

function packetFact(columns: string[], holders: Map<string, Holder>): Fact {
  const holder = holders.get(columns[8] ?? '') ?? { pid: '', exe: '', name: '' };
  const value = holder.exe || holder.name || 'unknown';
  const detail = { kind: 'packet', pid: holder.pid, name: holder.name, exe: holder.exe };
  return fact({
    artifact: 'sockets',
    key: 'packet socket',
    value,
    technique: 'T1205.002',
    path: holder.exe,
    detail,
  });
}

/** `0100007F:1F90` of /proc/net: each 32 bits in the host’s order, which is little-endian on all that we run on. */
export function address(text: string): [ip: string, port: number] {
  const [hex = '', port = ''] = text.split(':');
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((one) => Number.parseInt(one, 16)),
  );
  if (bytes.length === 4) return [bytes.join('.'), Number.parseInt(port, 16)];
  const mapped = bytes.slice(0, 12).join(',') === '0,0,0,0,0,0,0,0,0,0,255,255';
  if (mapped) return [bytes.slice(12).join('.'), Number.parseInt(port, 16)];
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const short = groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
  return [`[${short}]`, Number.parseInt(port, 16)];
}
