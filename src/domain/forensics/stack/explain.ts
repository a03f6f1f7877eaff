/** Says in words why something is an outlier, and how many points each reason gives. */
import { count, plural, printable } from '../../../kernel/text.ts';
import type { MissingRow, RankedRow, WholeRow } from './statements.ts';
import type { Outlier, SoughtFact, StackReason, Suspect } from './types.ts';

export interface Background {
  suspects: ReadonlyMap<string, Suspect>;
  sought: readonly SoughtFact[];
  /** By the number of a fact: positions in `sought`. */
  hits: ReadonlyMap<string, readonly number[]>;
}

const points = (share: number): number => Math.round(share * 100);

const kin = (role: string, fleetWide: boolean): string =>
  fleetWide ? 'systems' : role === '' ? 'systems without a role' : `systems of role ${role}`;

export function explainRanked(ranked: RankedRow, whole: WholeRow, background: Background): Outlier {
  const { have, peers } = ranked;
  const fleetWide = Boolean(ranked.fleetWide);
  const at = whole.at === null ? null : new Date(whole.at);
  const reasons: StackReason[] = [];
  const add = (kind: StackReason['kind'], share: number, why: string) => {
    if (points(share) > 0) reasons.push({ kind, points: points(share), why: printable(why, 500) });
  };
  const titles = (background.hits.get(ranked.fact) ?? []).flatMap(
    (index) => background.sought[index]?.title ?? [],
  );
  add('indicator', ranked.sought, `matches ${titles.slice(0, 3).join('; ') || 'an indicator'}`);
  add('finding', ranked.found, whole.why === '' ? `rule ${whole.rule}` : whole.why);
  add(
    'owner',
    ranked.owned,
    `owned by ${whole.owner}: ${background.suspects.get(whole.owner)?.why ?? 'exposed'}`,
  );
  add(
    'rare',
    ranked.rare,
    `${count(have)} of ${count(peers)} ${kin(ranked.role, fleetWide)} ${have === 1 ? 'has' : 'have'} it`,
  );
  add(
    'recent',
    ranked.recent,
    `${at?.toISOString().slice(0, 19).replace('T', ' ') ?? ''} UTC, in the attacker's time`,
  );
  return {
    host: ranked.host,
    role: ranked.role,
    site: whole.site,
    environment: whole.environment,
    artifact: ranked.artifact,
    key: whole.key,
    value: whole.value,
    technique: whole.technique,
    at,
    owner: whole.owner,
    path: whole.path,
    sha256: whole.sha256,
    have,
    peers,
    fleetWide,
    score: points(ranked.total),
    reasons: reasons.sort((a, b) => b.points - a.points),
  };
}

export function explainMissing(
  row: MissingRow,
  sample: { key: string; value: string; technique: string; path: string },
): Outlier {
  const { have, peers, role } = row;
  const why = `missing here; ${count(have)} of ${plural(peers, 'system')} of role ${role || '(none)'} have it`;
  return {
    host: row.host,
    role,
    site: '',
    environment: '',
    artifact: row.artifact,
    key: sample.key,
    value: '',
    technique: sample.technique,
    at: null,
    owner: '',
    path: sample.path,
    sha256: '',
    have,
    peers,
    fleetWide: false,
    score: points(row.points),
    reasons: [{ kind: 'missing', points: points(row.points), why }],
  };
}
