/** What the readers of scanner reports share. */
import type { CredentialClass } from '../../../connectors/contract.ts';
import { printable } from '../../../kernel/text.ts';
import { withoutAbsent } from './check-values.ts';

/** In this order: the first that fits the rule's or detector's name decides. */
const classPatterns: [RegExp, CredentialClass][] = [
  [/ssh|openssh/, 'ssh-key'],
  [/private-?key|signing|pgp|gpg|jwk/, 'signing-key'],
  [/certificate|pkcs12|\bpfx\b/, 'certificate'],
  [
    /^(aws|gcp|azure|alibaba)|[-.](aws|gcp|azure|alibaba)|google-?cloud|service-?account|digitalocean/,
    'cloud-key',
  ],
  [/oauth|refresh-?token/, 'oauth-token'],
  [/session|cookie/, 'session'],
  [
    /password|passwd|postgres|mysql|mongodb|redis|jdbc|sqlserver|ldap|basic-?auth|^uri$|connection-?string/,
    'password',
  ],
  [/token|api|key|secret|webhook|pat\b|jwt|github|gitlab|slack|stripe|npm|pypi/, 'api-token'],
];

/** The class that a rule's or detector's name suggests; `unknown` when it suggests none. */
export function classOfRule(rule: string): CredentialClass {
  const name = slugOf(rule);
  return classPatterns.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

/** `AWSSessionKey` and `AWS Session Key` give `aws-session-key`. */
export function slugOf(rule: string): string {
  return rule
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
}

/** `file:line@commit`, made fit for a screen: file names in a repository can hold anything. */
export function placeOf(parts: { file?: string; line?: string; commit?: string }): string | undefined {
  if (parts.file === undefined) return undefined;
  const line = parts.line === undefined || parts.line === '0' ? '' : `:${parts.line}`;
  const commit = parts.commit === undefined ? '' : `@${parts.commit}`;
  return printable(`${parts.file}${line}${commit}`, 1_000);
}

/** Attributes of a finding that are there, made fit for a screen. */
export function attributesOf(texts: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(withoutAbsent(texts)).map(([key, text]) => [key, printable(text ?? '', 500)]);
  return Object.fromEntries(given);
}

/** The times that scanners write: `2022-06-16 10:17:40 -0700 PDT`, ISO 8601, or a day, which counts to its end. */
export function scannerTime(text: string | undefined): Date | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})$/.exec(text ?? '')?.[1];
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)? ?(Z|UTC|[+-]\d{2}:?\d{2})/.exec(
    text ?? '',
  );
  const zone = match?.[3] === 'UTC' ? 'Z' : match?.[3]?.replace(/^(.\d{2}):?(\d{2})$/, '$1:$2');
  const iso = day ? `${day}T23:59:59.999Z` : `${match?.[1]}T${match?.[2]}${zone}`;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
