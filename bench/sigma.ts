/**
 * A batch of Sigma rules over CloudTrail in one pass, beside a bare count over the same raw column by one typed
 * tuple of the same fields. FIREBREAK_BENCH_EVENTS and FIREBREAK_BENCH_RULES choose how many events and which rules.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from '../src/domain/hunt/sigma/fields.ts';
import { fieldsIn } from '../src/domain/hunt/sigma/guard.ts';
import { planRules, type Target } from '../src/domain/hunt/sigma/plan.ts';

import { readRules } from '../src/domain/hunt/sigma/read-rules.ts';
import { type BatchRow, statementOf } from '../src/domain/hunt/sigma/statement.ts';
import { TypedTuples } from '../src/domain/hunt/sigma/typed-tuple.ts';
import type { DetectionRule } from '../src/domain/hunt/sigma/types.ts';
import { packageFile } from '../src/kernel/paths.ts';
import { openLake } from '../src/lake/index.ts';
import { cloudtrail } from '../src/lake/sources/cloudtrail/index.ts';
import { insertCloudTrail } from './sigma-events.ts';

const rounds = 3;

export async function benchSigma() {
  const events = Number(process.env.FIREBREAK_BENCH_EVENTS ?? 2_000_000);
  const path =
    process.env.FIREBREAK_BENCH_RULES ??
    packageFile('..', 'shared', 'data', 'sigma', 'rules', 'cloud', 'aws');
  const { rules } = await readRules([path], { exposed_credentials: [], dead_credentials: [] });
  const detections = rules.filter((rule): rule is DetectionRule => rule.kind === 'detection');
  const { targets } = planRules(detections, [cloudtrail]);
  const { sql, parameters } = statementOf(
    targets.map((target) => ({ targets: [target] })),
    undefined,
  );
  const bare = `SELECT count() AS events FROM events WHERE source = 'cloudtrail' AND tupleElement(${tupleOf(targets)}, 1) IS NOT NULL`;
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-sigma-'));
  const lake = await openLake({ folder });
  try {
    await insertCloudTrail(lake, events);
    let [seconds, bareSeconds, matches] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
    // In turns, and the best of each: what else the machine does falls on both alike.
    for (let round = 0; round < rounds; round++) {
      bareSeconds = Math.min(bareSeconds, await timed(() => lake.rows(bare)));
      const ours = async () => {
        const rows = await lake.rows<BatchRow>(sql, parameters);
        matches = rows.reduce((sum, row) => sum + row.events, 0);
      };
      seconds = Math.min(seconds, await timed(ours));
    }
    if (matches === 0) throw new Error('the rules match nothing');
    const round = (value: number): number => Math.round(value * 100) / 100;
    return {
      name: 'Sigma rules over CloudTrail',
      events,
      rules: targets.length,
      matches,
      seconds: round(seconds),
      eventsPerSecond: Math.round(events / seconds),
      bareSeconds: round(bareSeconds),
      ratio: round(seconds / bareSeconds),
    };
  } finally {
    await lake.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One tuple of all fields that the rules ask for, but for whole objects that other fields stand in. */
function tupleOf(targets: readonly Target[]): string {
  const tuples = new TypedTuples();
  for (const { answer, expr } of targets)
    for (const field of fieldsIn(expr))
      if (answer.view.fields.kind === 'json') tuples.add(pathOf(answer.view.fields, field).split('.'), false);
  return tuples.expressions('raw', 'raw')[0]?.expression ?? '';
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}
