/** What the object paths of STIX 2.1 mean in an event of the lake. */
import { rangeOf } from './addresses.ts';
import type { Term, TermType } from './types.ts';

const paths: Record<string, TermType> = {
  'ipv4-addr:value': 'address',
  'ipv6-addr:value': 'address',
  'network-traffic:src_ref.value': 'address',
  'network-traffic:dst_ref.value': 'address',
  'domain-name:value': 'domain',
  'url:value': 'url',
  'file:name': 'file-name',
  'email-addr:value': 'email',
  'email-message:sender_ref.value': 'email',
  'user-account:account_login': 'account',
  'user-account:user_id': 'account',
  'user-account:display_name': 'account',
  'process:command_line': 'command-line',
  'process:name': 'process-name',
  'software:name': 'client-name',
};

const hashPath = /^file:hashes\.'?(SHA-256|SHA-1|MD5|SHA256|SHA1)'?$/i;
const agentPath = /request_header\.'?User-Agent'?$/i;
const hashDigits: Record<string, number> = { sha256: 64, sha1: 40, md5: 32 };

/** The terms of one comparison, any of which satisfies it; or why there are none. */
export function termsOf(path: string, operator: string, value: string): Term[] | string {
  const hash = hashPath.exec(path)?.[1]?.toLowerCase().replace('-', '');
  const type = hash ? 'hash' : agentPath.test(path) ? 'user-agent' : paths[path];
  if (type === undefined) return `no column of an event is meant by ${path}`;
  if (operator === 'ISSUBSET' && type !== 'address') return `ISSUBSET is for addresses, not for ${path}`;
  if (value === '' || value.includes('\0')) return `the value of ${path} is empty or holds a NUL`;
  if (operator === 'LIKE') return likeTerms(type, value);
  if (type === 'address' && !rangeOf(value)) return `${value} is no address and no range`;
  if (hash && !(value.length === hashDigits[hash] && /^[0-9a-f]+$/i.test(value)))
    return `${value} is no ${hash} hash`;
  return [{ type, op: 'is', value: type === 'hash' || type === 'domain' ? value.toLowerCase() : value }];
}

function likeTerms(type: TermType, value: string): Term[] | string {
  if (type === 'hash') return 'LIKE on a hash is not read';
  if (!/[^%_]/.test(value)) return `${value} matches everything`;
  return [{ type, op: 'like', value }];
}
