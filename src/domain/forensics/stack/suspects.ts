/** Who is in the wrong hands, and what an advisory names: what facts are compared with. */

import { limits } from '../../../kernel/limits.ts';
import type { Advisory, Indicator } from '../../advisory/index.ts';
import type { HuntContext } from '../../hunt/index.ts';
import { exposedPrincipals, listDescendants } from '../../hunt/index.ts';
import type { SoughtFact, Suspect } from './types.ts';

/** Exposed principals, and what they made. The first reason for a name counts. */
export async function findSuspects(
  context: HuntContext,
  incident: { id: string; advisory: Advisory },
): Promise<{ suspects: Suspect[]; notes: string[] }> {
  const found = new Map<string, Suspect>();
  const add = (name: string, why: string) => {
    if (name !== '' && !found.has(name)) found.set(name, { name, why });
  };
  for (const { principal } of await exposedPrincipals(context, incident))
    add(principal, `the credential ${principal} is exposed`);
  for (const one of await listDescendants(context.db, {
    incidentId: incident.id,
    limit: limits.stackNamesMax,
  })) {
    add(one.name, `${one.kind} ${one.name} was made with exposed access`);
    add(one.owner, `${one.kind} ${one.name} was made with exposed access for ${one.owner}`);
  }
  const suspects = [...found.values()];
  const notes =
    suspects.length > limits.stackNamesMax
      ? [
          `only the first ${limits.stackNamesMax} of ${suspects.length} exposed principals were compared with owners`,
        ]
      : [];
  return { suspects: suspects.slice(0, limits.stackNamesMax), notes };
}

const pointsOf: Record<Indicator['confidence'], number> = { high: 95, medium: 85, low: 60 };

/** The indicators of the advisory that a host can show. */
export function soughtFacts({ indicators }: Pick<Advisory, 'indicators'>): {
  sought: SoughtFact[];
  notes: string[];
} {
  const sought: SoughtFact[] = [];
  const notes: string[] = [];
  for (const indicator of indicators)
    for (const value of indicator.values) {
      const title = `${indicator.type} ${value}${indicator.description ? ` (${indicator.description})` : ''}`;
      const base = { id: `${indicator.type}:${value}`, title, points: pointsOf[indicator.confidence] };
      if (indicator.type === 'sha256') sought.push({ ...base, sha256: value });
      else if (indicator.type === 'file-name') sought.push({ ...base, fileName: value });
      else if (indicator.type === 'ipv4') sought.push({ ...base, range: { first: value, last: value } });
      else if (indicator.type === 'ipv4-range') sought.push({ ...base, range: rangeOf(value) });
      else if (indicator.type === 'domain' || indicator.type === 'url') sought.push({ ...base, text: value });
    }
  if (sought.length > limits.stackNamesMax)
    notes.push(`only the first ${limits.stackNamesMax} of ${sought.length} indicators were looked for`);
  return { sought: sought.slice(0, limits.stackNamesMax), notes };
}

/** `192.0.2.0/24` or `192.0.2.3-192.0.2.5`. */
function rangeOf(text: string): { first: string; last: string } {
  const [first = '', last] = text.split('-');
  if (last !== undefined) return { first, last };
  const [base = '', bits = '32'] = text.split('/');
  const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const from = Math.floor(number / size) * size;
  return { first: dotted(from), last: dotted(from + size - 1) };
}

const dotted = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
