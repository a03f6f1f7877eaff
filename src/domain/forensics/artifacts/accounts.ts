/** Accounts and groups: an added one, a second root, one that gained a password. Hashes never leave the host. */

import type { Fact } from '../types.ts';
import { artifact, fact } from './artifact.ts';

export const accounts = artifact({
  id: 'accounts',
  title: 'Accounts and groups',
  what: 'Users with uid, home and shell, whether a password is set (never its hash), groups with their members.',
  techniques: ['T1136.001', 'T1078.003', 'T1098.007'],
  withoutRoot: 'without root /etc/shadow cannot be read: which accounts have a password is unknown',
  script: String.raw`
r passwd; cat /etc/passwd
r group; cat /etc/group
r shadow; awk -F: '{ k = "set"; if ($2 == "") k = "empty"; else if ($2 ~ /^[!*]/) k = "locked"; else if (split($2, a, "$") > 2) k = "set " a[2]; print $1 ":" k ":" $3 ":" $8 }' /etc/shadow 2>/dev/null
sums ff /etc/passwd /etc/shadow /etc/group /etc/gshadow -type f
`,
  parse: ({ rows }) => {
    const bodyOf = (tag: string) => linesOf(rows.find((row) => row.tag === tag)?.text ?? '');
    const passwords = new Map(
      bodyOf('shadow').map((line) => {
        const [name = '', kind = '', changed = ''] = line.split(':');
        return [name, { kind, changed }];
      }),
    );
    return [
      ...bodyOf('passwd').flatMap((line) => userOf(line, passwords)),
      ...bodyOf('group').flatMap(groupOf),
    ];
  },
});

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.includes(':'));

function userOf(line: string, passwords: Map<string, { kind: string; changed: string }>): Fact[] {
  const [name = '', inline = '', uid = '', gid = '', gecos = '', home = '', shell = ''] = line.split(':');
  if (name === '') return [];
  const { kind = '', changed = '' } = passwords.get(name) ?? {};
  const password =
    inline === 'x' || inline === '*' || inline === '!' ? kind : inline === '' ? 'empty' : 'in passwd';
  const days = /^\d{1,6}$/.test(changed) && changed !== '0' ? Number(changed) : null;
  return [
    fact({
      artifact: 'accounts',
      key: name,
      value: `uid ${uid} gid ${gid} ${home} ${shell} password ${password || 'unknown'}`,
      technique: 'T1136.001',
      at: days === null ? null : new Date(days * 86_400_000),
      owner: name,
      detail: { uid, gid, gecos, home, shell, password },
    }),
  ];
}

function groupOf(line: string): Fact[] {
  const [name = '', , gid = '', members = ''] = line.split(':');
  if (name === '') return [];
  const sorted = members.split(',').filter(Boolean).sort().join(',');
  const detail = { gid, members: sorted };
  return [
    fact({
      artifact: 'accounts',
      key: `group ${name}`,
      value: `gid ${gid} ${sorted}`,
      technique: 'T1098.007',
      detail,
    }),
  ];
}
