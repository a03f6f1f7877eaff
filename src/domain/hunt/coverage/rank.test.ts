import { expect, test } from 'vitest';
import { rankClaims } from './rank.ts';
import type { Claim, Doubt } from './types.ts';

const period = { from: new Date('2023-11-14T00:00:00Z'), to: new Date('2023-11-24T00:00:00Z') };
const hour = (n: number) => new Date(period.from.getTime() + n * 3_600_000);
const gap = (from: number, to: number, host = 'a'): Doubt => ({
  kind: 'gap',
  host,
  from: hour(from),
  to: hour(to),
  why: `silent for ${to - from} h`,
});
const claim = (source: string, verdict: Claim['verdict'], doubts: Doubt[], hosts = 1): Claim => ({
  source,
  period,
  verdict,
  hosts,
  events: 1,
  doubts,
});

test('the worst source comes first, and nothing is left out', () => {
  const missing: Doubt = { kind: 'missing', host: 'b', why: 'firebreak.yaml expects it' };
  const ranked = rankClaims([
    claim('a-full', 'full', []),
    claim('b-ten-minutes', 'partial', [gap(1, 1.2)]),
    claim('c-days', 'partial', [gap(0, 72), gap(80, 128)]),
    claim('d-half-the-hosts', 'partial', [missing]),
    claim('e-interrupted', 'partial', [{ kind: 'interrupted', files: ['x.log'] }]),
    claim('f-nothing', 'none', [gap(0, 240)]),
    claim('g-full', 'full', []),
  ]);
  expect(ranked.map(({ source }) => source)).toEqual([
    'f-nothing',
    'e-interrupted',
    'c-days',
    'd-half-the-hosts',
    'b-ten-minutes',
    'a-full',
    'g-full',
  ]);
  expect(ranked.map(({ coveredShare }) => Math.round(coveredShare * 1_000) / 1_000)).toEqual([
    0, 0, 0.5, 0.5, 0.999, 1, 1,
  ]);
});

test('of one source, what may concern the whole period comes first, then the longest stretch', () => {
  const doubts: Doubt[] = [
    gap(1, 2),
    gap(10, 20),
    { kind: 'hole', host: 'a', from: hour(30), to: hour(35), missing: 7 },
    { kind: 'rejects', lines: 1, files: 1 },
    { kind: 'missing', host: 'b', why: 'expected' },
  ];
  const [ranked] = rankClaims([claim('okta', 'partial', doubts)]);
  expect(ranked?.doubts.map((one) => ('from' in one ? one.from.getTime() : one.kind))).toEqual([
    'missing',
    'rejects',
    hour(10).getTime(),
    hour(30).getTime(),
    hour(1).getTime(),
  ]);
});
