/** The collector on one host: a light and a full run, and which artifacts cost the most of it. */
import { performance } from 'node:perf_hooks';
import { artifacts } from '../src/domain/forensics/artifacts/index.ts';
import { buildCollector } from '../src/domain/forensics/collector/build.ts';
import { CollectionReader } from '../src/domain/forensics/collector/frames.ts';
import { makeImage, runHost, type ThrowawayImage, whyNoThrowaway } from '../test/lab/throwaway.ts';
import { round } from './postgres.ts';

const rounds = 3;
const nonce = 'c0ffee00c0ffee00c0ffee00c0ffee00';

export async function benchCollector() {
  const name = 'the collector on one host';
  const missing = whyNoThrowaway();
  if (missing !== '') return { name, skipped: `a throw-away host ${missing}` };
  const image = await makeImage();
  try {
    // What making and removing the host takes is not the collector's.
    const empty = await best(image, 'true\n');
    const light = (await best(image, buildCollector({ cost: 'light', nonce }))).seconds - empty.seconds;
    const full = await best(image, buildCollector({ cost: 'full', nonce }));
    const reader = new CollectionReader({ nonce });
    reader.push(full.output);
    const { facts } = reader.end();
    const identity = (await best(image, buildCollector({ artifacts: ['identity'], nonce }))).seconds;
    const costs: { id: string; seconds: number }[] = [];
    for (const { id } of artifacts) {
      const { seconds } = await best(image, buildCollector({ artifacts: [id], nonce }));
      costs.push({ id, seconds: seconds - identity });
    }
    costs.sort((a, b) => b.seconds - a.seconds);
    return {
      name,
      lightSeconds: round(light),
      lightWanted: 1,
      fullSeconds: round(full.seconds - empty.seconds),
      outputKiB: Math.round(full.output.length / 1024),
      facts: facts.length,
      dearest: costs
        .slice(0, Number(process.env.BENCH_DEAREST ?? 6))
        .map(({ id, seconds }) => `${id} ${round(seconds)} s`)
        .join(', '),
    };
  } finally {
    await image.close();
  }
}

/** The best of some runs: what else the machine does makes none faster. */
async function best(image: ThrowawayImage, script: string): Promise<{ seconds: number; output: Buffer }> {
  let seconds = Number.POSITIVE_INFINITY;
  let output: Buffer = Buffer.alloc(0);
  for (let at = 0; at < rounds; at++) {
    const startedAt = performance.now();
    output = await runHost(image, { script });
    seconds = Math.min(seconds, (performance.now() - startedAt) / 1_000);
  }
  return { seconds, output };
}
