/**
 * Indicators over CloudTrail, beside a bare count of the events that hold one of ten of the same texts: the engine's own
 * search, which takes ten times as long for a hundred. FIREBREAK_BENCH_EVENTS chooses how many events.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { search } from '../src/domain/hunt/indicators/search.ts';
import type { Sought, TermType } from '../src/domain/hunt/indicators/types.ts';
import { type Lake, openLake } from '../src/lake/index.ts';
import { insertCloudTrail } from './sigma-events.ts';

const rounds = 2;
const bareTexts = 10;

const sought = (type: TermType, value: string): Sought => ({
  id: value,
  title: value,
  origin: 'bench',
  severity: 'high',
  alternatives: [[{ type, op: 'is', value }]],
});

interface Case {
  name: string;
  sought: Sought[];
  /** What the bare count looks for. */
  texts: string[];
}

/** Others in each round: the engine remembers which parts of a table had none of what was looked for. */
function cases(round: number): Case[] {
  const domains = (count: number): Case => {
    const names = Array.from({ length: count }, (_, n) => `c${n * 7919}.evil-${n}-${count}-${round}.example`);
    return { name: `${count} domains`, sought: names.map((one) => sought('domain', one)), texts: names };
  };
  // One of the hundred occurs, in one of 250 events.
  const blocks = [
    `10.60.${13 + round}.`,
    ...Array.from({ length: 99 }, (_, n) => `${100 + (n % 90)}.${(n * 37 + round) % 256}.${(n * 91) % 256}.`),
  ];
  const hashes = Array.from({ length: 1_000 }, (_, n) =>
    (n * 2_654_435_761 + round).toString(16).padStart(64, 'f0'),
  );
  return [
    domains(10),
    domains(100),
    domains(1_000),
    { name: '100 ranges', sought: blocks.map((one) => sought('address', `${one}0/24`)), texts: blocks },
    { name: '1000 hashes', sought: hashes.map((one) => sought('hash', one)), texts: hashes },
  ];
}

export async function benchIoc() {
  const events = Number(process.env.FIREBREAK_BENCH_EVENTS ?? 2_000_000);
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-ioc-'));
  const lake = await openLake({ folder });
  try {
    await insertCloudTrail(lake, events);
    const best = new Map<string, { seconds: number; bare: number }>();
    let seen = 0;
    for (let round = 0; round < rounds; round++)
      for (const one of cases(round)) {
        const bare = await timed(() => countBare(lake, one.texts));
        const ours = async () => {
          const hits = await search(lake, one.sought);
          if (one.name === '100 ranges')
            seen = hits.flatMap(({ bySource }) => bySource).reduce((sum, { events: own }) => sum + own, 0);
        };
        const seconds = await timed(ours);
        const before = best.get(one.name) ?? { seconds, bare };
        best.set(one.name, { seconds: Math.min(seconds, before.seconds), bare: Math.min(bare, before.bare) });
      }
    const figures = Object.fromEntries(
      [...best].map(([name, { seconds, bare }]) => [
        name,
        `${seconds.toFixed(2)} s, bare ${bare.toFixed(2)} s, ratio ${(seconds / bare).toFixed(2)}`,
      ]),
    );
    if (seen === 0) throw new Error('the range that occurs was not seen');
    return { name: 'Indicators over CloudTrail', events, seen, bareTexts, ...figures };
  } finally {
    await lake.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function countBare(lake: Lake, texts: readonly string[]): Promise<void> {
  await lake.rows('SELECT count() AS events FROM events WHERE multiSearchAny(raw, {texts:Array(String)})', {
    texts: texts.slice(0, bareTexts),
  });
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}
