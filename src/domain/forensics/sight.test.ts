/** Proof of sight: every foothold is planted on a host of its own, found and named; a clean host has nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { footholds } from '../../../test/lab/footholds/index.ts';
import { makeImage, runHost, type ThrowawayImage, whyNoThrowaway } from '../../../test/lab/throwaway.ts';
import { assess } from './assess/assess.ts';
import { findingScoreLine } from './assess/rule.ts';
import { buildCollector } from './collector/build.ts';
import { CollectionReader } from './collector/frames.ts';
import type { Collected, CostClass } from './types.ts';

const missing = whyNoThrowaway();
const why = missing === '' ? '' : ` (skipped: a throw-away host ${missing})`;
const nonce = 'c0ffee00c0ffee00c0ffee00c0ffee00';
let image: ThrowawayImage;

interface Look {
  plant?: string;
  artifacts?: readonly string[];
  cost?: CostClass;
}

async function collect({ plant, artifacts, cost }: Look): Promise<Collected> {
  const reader = new CollectionReader({ nonce });
  reader.push(await runHost(image, { plant, script: buildCollector({ artifacts, cost, nonce }) }));
  return reader.end();
}

describe.skipIf(missing !== '')(`proof of sight${why}`, () => {
  beforeAll(async () => {
    image = await makeImage();
  });
  afterAll(() => image?.close());

  test('a clean host has no finding above the line, and everything is collected from it', async () => {
    const collected = await collect({ cost: 'full' });
    const unwhole = collected.artifacts.filter(({ state }) => state === 'partial' || state === 'failed');
    expect(unwhole).toEqual([]);
    expect(collected.complete).toBe(true);
    // Files of packages that did not change are in no list of changes, so these are what makes up most of it.
    for (const [artifact, least] of Object.entries({ accounts: 20, systemd: 100, pam: 20, packages: 50 })) {
      const seen = collected.facts.filter((fact) => fact.artifact === artifact);
      expect(seen.length, artifact).toBeGreaterThan(least);
    }
    expect(collected.facts.length).toBeGreaterThan(400);
    const named = assess(collected).filter(({ score }) => score >= findingScoreLine);
    expect(named.map(({ rule, why: said }) => `${rule}: ${said}`)).toEqual([]);
  });

  test('there are at least 30 footholds, of at least 20 techniques', () => {
    expect(footholds.length).toBeGreaterThanOrEqual(30);
    expect(new Set(footholds.map(({ technique }) => technique)).size).toBeGreaterThanOrEqual(20);
  });

  test.concurrent.each(footholds)(
    '$technique $name',
    async ({ plant, artifacts, rule, technique, about }) => {
      const findings = assess(await collect({ plant, artifacts })).filter(
        ({ score }) => score >= findingScoreLine,
      );
      const said = findings.map((one) => `${one.rule} ${one.technique} ${one.why}`);
      const found = findings.find(
        (one) => one.rule === rule && one.technique === technique && about.test(one.why),
      );
      expect(found, `among: ${said.join(' | ') || 'nothing'}`).toBeDefined();
    },
  );

  test('the whole collector names several footholds at once, and those of the baseline are left out', async () => {
    const chosen = [
      'a second root',
      'cron: a job of the system',
      'a running program that was deleted',
      'web shell in PHP',
    ];
    const plants = footholds.filter(({ name }) => chosen.includes(name));
    const collected = await collect({ plant: plants.map(({ plant }) => plant).join('\n') });
    const named = assess(collected).filter(({ score }) => score >= findingScoreLine);
    for (const { rule, about } of plants)
      expect(named.some((one) => one.rule === rule && about.test(one.why))).toBe(true);
    expect(assess(collected, collected)).toEqual([]);
  });
});
