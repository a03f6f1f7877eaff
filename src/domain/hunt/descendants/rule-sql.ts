/** The rules as one expression over an event: the number of the first rule that it fits, or -1. */
import { assert } from '../../../kernel/errors.ts';
import { merelyAsked } from '../event-sql.ts';
import { type DescendantKindName, descendantKinds } from './kinds.ts';
import { descendantRules, hostRealms, realms } from './rules/index.ts';
import type { DescendantKind, DescendantRule } from './types.ts';

export interface CompiledRule extends DescendantKind {
  kind: string;
}

/**
 * Event codes as the rules spell them, for a statement to name before it names the rules. Both are LowCardinality,
 * so each distinct code is compared once a block.
 */
export const spelledCodes = ['event_code', 'api_operation']
  .map((column) => `replaceRegexpAll(lower(${column}), '[^a-z0-9]', '') AS spelled_${column}`)
  .join(', ');

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function matchesCode(codes: readonly string[]): string {
  const pattern = `^(${codes
    .map((code) => {
      assert(
        /^[a-z0-9%]+$/.test(code),
        `the code ${code} of a descendant rule is spelled in letters and digits`,
      );
      return code.replaceAll('%', '.*');
    })
    .join('|')})$`;
  return `(match(spelled_event_code, ${quote(pattern)}) OR match(spelled_api_operation, ${quote(pattern)}))`;
}

function condition(sources: readonly string[], rule: DescendantRule): string {
  const parts = [
    ...(sources.length > 0 ? [`source IN (${sources.map(quote).join(', ')})`] : []),
    ...(rule.codes && rule.codes.length > 0 ? [matchesCode(rule.codes)] : []),
    ...(rule.where ? [`(${rule.where})`] : []),
  ];
  return parts.join(' AND ');
}

const all = descendantRules.flatMap(({ sources, rules }) => rules.map((rule) => ({ sources, rule })));

/** The rules by their number. */
export const compiledRules: readonly CompiledRule[] = all.map(({ rule }) => {
  const kind = descendantKinds[rule.kind as DescendantKindName] as DescendantKind | undefined;
  assert(kind !== undefined, `${rule.kind} is a kind of descendant`);
  return { ...kind, ...rule };
});

/** What failed made nothing. */
export const ruleNumber = `if(status_id = 2 OR ${merelyAsked}, -1, multiIf(${all
  .map(({ sources, rule }, index) => `${condition(sources, rule)}, ${index}`)
  .join(', ')}, -1))`;

const realmSources = Object.values(realms).flat();
const realmNames = Object.entries(realms).flatMap(([name, sources]) => sources.map(() => name));
const list = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`;
const hostPart = `if(source IN (${hostRealms.map(quote).join(', ')}), host, '')`;

/** The scopes in which an event's names are meant: its realm, and its source alone. */
export const realmScope = `concat(transform(source, ${list(realmSources)}, ${list(realmNames)}, toString(source)), '|', ${hostPart})`;
export const sourceScope = `concat('=', source, '|', ${hostPart})`;

/** The same for a name that was given or found. */
export function scopeOf(value: string, source: string, host: string): string {
  // An e-mail address means the same everywhere; a number means something within its source alone.
  if (value.includes('@')) return '';
  const at = hostRealms.includes(source) ? host : '';
  if (/^\d+$/.test(value)) return `=${source}|${at}`;
  return `${realmOf(source)}|${at}`;
}

export const realmOf = (source: string): string =>
  Object.entries(realms).find(([, sources]) => sources.includes(source))?.[0] ?? source;
