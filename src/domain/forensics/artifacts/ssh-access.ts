/** Keys, principals and daemon settings that let somebody in over SSH. */
import { filesOf } from '../collector/records.ts';
import type { Fact } from '../types.ts';
import { artifact, fact, fileFact } from './artifact.ts';

export const sshAccess = artifact({
  id: 'ssh-access',
  title: 'SSH access',
  what: 'authorized_keys and authorized_principals of every account, one fact a key; settings of sshd; rc files.',
  techniques: ['T1098.004', 'T1556', 'T1546.004'],
  withoutRoot: 'without root the keys of other accounts cannot be read',
  script: String.raw`
keys() { athome '.ssh/authorized_keys*' '.ssh/authorized_principals*' .ssh/rc .ssh/environment .ssh/config .shosts .rhosts; ff /etc/ssh/authorized_keys /etc/ssh/authorized_keys.d /etc/ssh/authorized_principals /etc/ssh/auth_principals -type f; }
all keys
all ff /etc/ssh /etc/hosts.equiv /etc/shosts.equiv -type f ! -name 'ssh_host_*_key' ! -name moduli ! -path '/etc/ssh/auth*'
`,
  parse: ({ rows }) =>
    filesOf(rows).flatMap((file) => {
      const isKeys = /authorized_(keys|principals)|auth_principals/.test(file.path);
      const technique = isKeys
        ? 'T1098.004'
        : /\/(rc|sshrc|environment)$/.test(file.path)
          ? 'T1546.004'
          : 'T1556';
      const whole = fileFact('ssh-access', file, { technique });
      return [whole, ...(isKeys ? keysOf(file.text).map((key) => keyFact(whole, key)) : [])];
    }),
});

interface Key {
  options: string;
  type: string;
  body: string;
  comment: string;
}

const keyTypes = /(^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/=]{16,})\s*(.*)$/;

/** Lines of authorized_keys; a line that is no key (a principal) is its own body. */
export function keysOf(text: string): Key[] {
  return text.split('\n').flatMap((line) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const match = keyTypes.exec(trimmed);
    if (!match) return [{ options: '', type: 'principal', body: trimmed, comment: '' }];
    const [, , type = '', body = '', comment = ''] = match;
    return [{ options: trimmed.slice(0, match.index).trim(), type, body, comment }];
  });
}

function keyFact(file: Fact, { options, type, body, comment }: Key): Fact {
  return fact({
    artifact: 'ssh-access',
    key: `${file.path} ${type} ${body.slice(-24)}`,
    value: `${options} ${type} ${body}`.trim(),
    technique: 'T1098.004',
    at: file.at,
    owner: file.owner,
    path: file.path,
    detail: { kind: 'key', options, comment, mode: file.detail.mode ?? '' },
  });
}
