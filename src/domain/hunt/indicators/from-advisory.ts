/** The indicators of an advisory as what is looked for in logs. */
import type { Advisory, Indicator } from '../../advisory/index.ts';
import type { Severity } from '../types.ts';
import type { Sought, TermType } from './types.ts';

const termOf: Record<Indicator['type'], TermType> = {
  ipv4: 'address',
  'ipv4-range': 'address',
  domain: 'domain',
  sha256: 'hash',
  commit: 'hash',
  'user-agent': 'user-agent',
  'client-name': 'client-name',
  'file-name': 'file-name',
  url: 'url',
  'oauth-client': 'oauth-client',
};

/** How sure the advisory is of an indicator is how much a sighting weighs. */
const severityOf: Record<Indicator['confidence'], Severity> = { high: 'high', medium: 'medium', low: 'low' };

/** One for each value; the same value named twice is looked for once, at its highest confidence. */
export function soughtOf(advisory: Pick<Advisory, 'id' | 'indicators'>): Sought[] {
  const found = new Map<string, Sought>();
  const order: Indicator['confidence'][] = ['low', 'medium', 'high'];
  const sorted = [...advisory.indicators].sort(
    (a, b) => order.indexOf(a.confidence) - order.indexOf(b.confidence),
  );
  for (const indicator of sorted)
    for (const value of indicator.values) {
      const type = termOf[indicator.type];
      const id = `ioc:${type}:${value}`;
      const title = `${indicator.type} ${value}${indicator.description ? ` (${indicator.description})` : ''}`;
      const alternatives = [[{ type, op: 'is' as const, value }]];
      const severity = severityOf[indicator.confidence];
      found.set(id, { id, title, origin: advisory.id, severity, alternatives });
    }
  return [...found.values()];
}
