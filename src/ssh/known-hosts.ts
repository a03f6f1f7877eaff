/**
 * known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain and hashed names, `[host]:port`, wildcards,
 * `@revoked` and `@cert-authority`. A line that can't be read is a fault with its number: passed over in silence
 * it could be the very one that revokes a key.
 */
import { createHmac } from 'node:crypto';
import { badInput, type Fault } from '../kernel/errors.ts';
import { matchesPatterns } from './glob.ts';
import { algorithmOf, fingerprint, readPublicKey } from './public-key.ts';

export interface KnownKey {
  marker: 'key' | 'revoked' | 'authority';
  blob: Buffer;
  algorithm: string;
  /** `known_hosts:12` */
  place: string;
}

export interface KnownHosts {
  /** The keys that stand under one of the names; a name with another port than 22 is `[name]:port`. */
  find(names: readonly string[]): KnownKey[];
}

interface Entry extends KnownKey {
  matches(name: string): boolean;
}

/** The name that a host has in known_hosts. */
export const knownName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** Reads the texts of several files. Throws bad_input with file and line of what can't be read. */
export function readKnownHosts(files: readonly { name: string; text: string }[]): KnownHosts {
  const exact = new Map<string, Entry[]>();
  const others: Entry[] = [];
  const faults: Fault[] = [];
  for (const { name, text } of files) {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (/^\s*(#|$)/.test(line)) continue;
      const parsed = parseLine(line, `${name}:${index + 1}`);
      if (typeof parsed === 'string') faults.push({ file: name, line: index + 1, expected: parsed });
      else if (parsed.names === undefined) others.push(parsed.entry);
      else for (const one of parsed.names) exact.set(one, [...(exact.get(one) ?? []), parsed.entry]);
    }
  }
  if (faults.length > 0) throw badInput('known hosts', faults);
  return {
    find: (names) => {
      const found = new Set(names.flatMap((name) => exact.get(name) ?? []));
      for (const entry of others) if (names.some((name) => entry.matches(name))) found.add(entry);
      return [...found];
    },
  };
}

const markers: Readonly<Record<string, KnownKey['marker']>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'authority',
};

/** A line: what was expected of it, or its entry; `names` when it can be found by them without a search. */
function parseLine(line: string, place: string): string | { entry: Entry; names?: string[] } {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith('@') ? markers[words.shift() ?? ''] : 'key';
  if (marker === undefined) return '@revoked or @cert-authority';
  const [hosts, ...key] = words;
  if (!hosts) return 'host names and a public key';
  const blob = tryKey(key.join(' '));
  if (!blob) return 'a public key (algorithm and base64)';
  const entry = { marker, blob, algorithm: algorithmOf(blob), place };
  if (hosts.startsWith('|1|')) {
    const matches = hashedName(hosts);
    return matches ? { entry: { ...entry, matches } } : 'a hashed name |1|salt|hash';
  }
  const patterns = hosts.toLowerCase().split(',').filter(Boolean);
  const matches = (name: string) => matchesPatterns(patterns, name);
  if (patterns.some((pattern) => /[*?!]/.test(pattern))) return { entry: { ...entry, matches } };
  return { entry: { ...entry, matches }, names: patterns };
}

function tryKey(text: string): Buffer | undefined {
  try {
    return readPublicKey(text);
  } catch {
    return undefined;
  }
}

/** `|1|salt|HMAC-SHA1(salt, name)`, all in base64. */
function hashedName(text: string): ((name: string) => boolean) | undefined {
  const [, , salt, hash] = text.split('|');
  const [key, digest] = [Buffer.from(salt ?? '', 'base64'), Buffer.from(hash ?? '', 'base64')];
  if (key.length !== 20 || digest.length !== 20) return undefined;
  return (name) => createHmac('sha1', key).update(name).digest().equals(digest);
}

/** `SHA256:… (known_hosts:12)` */
export const describeKnown = (key: KnownKey): string => `${fingerprint(key.blob)} (${key.place})`;
