/**
 * What the tables of other tools say, as facts. Their artifacts keep the tool's name (`osquery:users`), so that a
 * host is compared only with hosts that were seen by the same tool.
 */
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { Fact } from '../types.ts';
import type { ForeignRow, TableMeaning } from './types.ts';

/** By the name of an osquery table, or the last part of a Velociraptor artifact, in lower case. */
const meanings: Readonly<Record<string, TableMeaning>> = {
  users: {
    key: ['username', 'User'],
    value: ['uid', 'Uid', 'gid', 'Gid', 'shell', 'Shell', 'directory', 'Homedir'],
    technique: 'T1136.001',
  },
  groups: { key: ['groupname'], value: ['gid'], technique: 'T1136.001' },
  user_groups: { key: ['uid', 'gid'], technique: 'T1098' },
  shadow: { key: ['username'], value: ['password_status', 'hash_alg'], technique: 'T1136.001' },
  sudoers: { key: ['source', 'header'], value: ['rule_details'], technique: 'T1548.003', path: 'source' },
  authorized_keys: {
    key: ['uid', 'key_file', 'Uid', 'OSPath'],
    value: ['algorithm', 'key', 'comment', 'Key', 'Comment'],
    technique: 'T1098.004',
    path: 'key_file',
  },
  authorizedkeys: {
    key: ['User', 'OSPath'],
    value: ['Key', 'Comment'],
    technique: 'T1098.004',
    owner: 'User',
    path: 'OSPath',
  },
  crontab: {
    key: ['path', 'command', 'Command', 'OSPath'],
    value: ['event', 'minute', 'hour', 'day_of_month', 'month', 'day_of_week', 'Event'],
    technique: 'T1053.003',
    path: 'path',
    owner: 'User',
  },
  systemd_units: {
    key: ['id', 'fragment_path'],
    value: ['user', 'unit_file_state', 'source_path'],
    technique: 'T1543.002',
    path: 'fragment_path',
    owner: 'user',
  },
  services: { key: ['Unit', 'Name'], value: ['Load', 'Description'], technique: 'T1543.002' },
  startup_items: {
    key: ['name', 'path'],
    value: ['args', 'type', 'source', 'status', 'username'],
    technique: 'T1547',
    path: 'path',
    owner: 'username',
  },
  suid_bin: {
    key: ['path'],
    value: ['username', 'groupname', 'permissions'],
    technique: 'T1548.001',
    path: 'path',
    owner: 'username',
  },
  suid: {
    key: ['OSPath'],
    value: ['Mode', 'OwnerName', 'Size'],
    technique: 'T1548.001',
    path: 'OSPath',
    owner: 'OwnerName',
  },
  kernel_modules: { key: ['name'], value: ['used_by'], technique: 'T1547.006' },
  modules: { key: ['Name'], value: [], technique: 'T1547.006' },
  processes: {
    key: ['name', 'path', 'Name', 'Exe'],
    value: ['cmdline', 'uid', 'on_disk', 'CommandLine', 'Username'],
    technique: 'T1059',
    path: 'path',
    owner: 'Username',
  },
  pslist: {
    key: ['Name', 'Exe'],
    value: ['CommandLine', 'Username'],
    technique: 'T1059',
    path: 'Exe',
    owner: 'Username',
  },
  listening_ports: { key: ['port', 'protocol', 'address'], value: ['path'], technique: 'T1571' },
  netstat: { key: ['Laddr', 'Type', 'LocalAddr'], value: ['Name', 'Status', 'Raddr'], technique: 'T1571' },
  process_open_sockets: {
    key: ['remote_address', 'remote_port'],
    value: ['protocol', 'state'],
    technique: 'T1071',
  },
  deb_packages: { key: ['name'], value: ['version'] },
  rpm_packages: { key: ['name'], value: ['version', 'release'] },
  debian_packages: { key: ['Package', 'name'], value: ['Version', 'version'] },
  hash: { key: ['path'], value: ['sha256'], path: 'path' },
  file: { key: ['path'], value: ['mode', 'uid', 'gid', 'size', 'type'], path: 'path' },
  shell_history: { key: ['uid', 'command'], value: [], technique: 'T1059.004' },
  last: { key: ['username', 'host'], value: ['type_name'], technique: 'T1078' },
  docker_containers: {
    key: ['name', 'image'],
    value: ['command', 'state', 'privileged'],
    technique: 'T1610',
  },
};

/** Columns that differ from host to host and from moment to moment by their nature. */
const volatile =
  /^(_.*|pid|ppid|ppids?|pgroup|parent|inode|fd|socket|time|unix_?time|start_?time|elapsed_time|uptime|.*_time|[amcb]time|btime|size|resident_size|total_size|threads|nice|state_time|hostname|fqdn|client_?id|flow_?id|hostidentifier|createdtime)$/i;

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const cut = (text: string): string => text.slice(0, limits.collectTextCharsMax);

/** A query of a pack may have any name: `pack_incident_users` is about `users`. */
function meaningOf(table: string, values: ForeignRow['values']): TableMeaning {
  const last = table.split(/[./]/).at(-1)?.toLowerCase() ?? '';
  const found = meanings[last] ?? Object.entries(meanings).find(([name]) => last.endsWith(`_${name}`))?.[1];
  if (found?.key.some((column) => values[column] !== undefined)) return found;
  const names = Object.keys(values).filter((name) => !volatile.test(name));
  const key = names.filter((name) =>
    /^(path|ospath|fullpath|name|key|label|username|user|id|command|unit)$/i.test(name),
  );
  return { key: key.length > 0 ? key : names };
}

/** The fact that a row is. */
export function factOf(tool: string, row: ForeignRow): Fact {
  const { values } = row;
  const meaning = meaningOf(row.table, values);
  const present = (columns: readonly string[]) => columns.filter((name) => textOf(values[name]) !== '');
  const rest = () =>
    Object.keys(values).filter((name) => !meaning.key.includes(name) && !volatile.test(name));
  const compared = present(meaning.value ?? rest());
  const hash = [values.sha256, (values.Hash as { SHA256?: unknown } | undefined)?.SHA256]
    .map(textOf)
    .find((text) => /^[0-9a-f]{64}$/i.test(text));
  return {
    artifact: printable(`${tool}:${row.table}`, 200),
    key: cut(
      present(meaning.key)
        .map((name) => textOf(values[name]))
        .join(' '),
    ),
    value: cut(compared.map((name) => `${name}=${textOf(values[name])}`).join(' ')),
    detail: Object.fromEntries(
      Object.entries(values)
        .slice(0, 40)
        .map(([name, value]) => [printable(name, 100), cut(textOf(value))]),
    ),
    technique: meaning.technique ?? '',
    at: changedAt(values),
    owner: meaning.owner === undefined ? '' : cut(textOf(values[meaning.owner])),
    path: cut(textOf(values[meaning.path ?? 'path'] ?? values.OSPath ?? '')),
    sha256: hash?.toLowerCase() ?? '',
  };
}

/** When the thing itself last changed, where the row says so. */
function changedAt(values: ForeignRow['values']): Date | null {
  for (const name of ['mtime', 'Mtime', 'ctime', 'Ctime']) {
    const at = momentOf(values[name]);
    if (at) return at;
  }
  return null;
}

/** ISO 8601, or seconds since 1970. */
export function momentOf(value: unknown): Date | null {
  const text = textOf(value);
  if (text === '' || text === '0') return null;
  const date = /^\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1_000) : new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
