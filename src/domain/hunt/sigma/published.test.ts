/** The published rules, and our own by the published schema. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { sharedFolder } from '../../../../test/lab/golden.ts';
import { openTestLake } from '../../../../test/lab/lake.ts';
import { sources } from '../../../lake/index.ts';
import { shippedRules } from '../sigma.ts';
import { answersOf } from './logsource.ts';
import { planRules } from './plan.ts';
import { readRules } from './read-rules.ts';
import { checkRegexes, searchLake } from './search.ts';
import type { DetectionRule } from './types.ts';

const published = sharedFolder('sigma', 'rules');
const schemas = sharedFolder('sigma', 'spec', 'json-schema');

test.skipIf(!published)(
  'every published rule for a source of ours compiles and runs (needs the published rules)',
  async () => {
    const { rules, problems } = await readRules([published ?? ''], {});
    const detections = rules.filter((rule): rule is DetectionRule => rule.kind === 'detection');
    const ours = detections.filter(({ logsource }) => answersOf(logsource, sources).length > 0);
    const plan = planRules(detections, sources);
    const lake = await openTestLake();
    try {
      const regexes = await checkRegexes(lake, plan.targets);
      const wanted = [...new Set(plan.targets.map(({ rule }) => rule))];
      const sinks = wanted.map((rule) => ({
        targets: plan.targets.filter((target) => target.rule === rule),
      }));
      const { answers, refused } = await searchLake(lake, sinks, undefined, {});
      const lines = [
        `${rules.length} published rules; ${ours.length} for our sources, of which ${answers.size} compile; ${plan.noSource.length} for others`,
        ...plan.notCompiled.map(({ title, reason }) => `${title}: ${reason}`),
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
      expect(problems).toEqual([]);
      expect([...regexes.values()]).toEqual([]);
      expect(refused.map(({ reason }) => reason)).toEqual([]);
      // What is left asks for fields that the source does not log at all.
      expect(plan.notCompiled.filter(({ reason }) => !reason.includes('does not have'))).toEqual([]);
      expect(answers.size + plan.notCompiled.length).toBe(ours.length);
    } finally {
      await lake.close();
    }
  },
  120_000,
);

test('the rules that are shipped are read without a fault and each has a source', async () => {
  const names = { exposed_credentials: ['a'], dead_credentials: ['b'] };
  const { rules, problems } = await readRules([shippedRules()], names);
  expect(problems).toEqual([]);
  expect(rules.length).toBeGreaterThan(30);
  for (const rule of rules)
    expect(
      rule.tags.some((tag) => tag.startsWith('attack.t')),
      rule.title,
    ).toBe(true);
  const detections = rules.filter((rule): rule is DetectionRule => rule.kind === 'detection');
  const here = planRules(detections, sources);
  expect(here.notCompiled).toEqual([]);
});

test.skipIf(!schemas)(
  'the rules that are shipped fit the published schemas (needs the specification)',
  async () => {
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    const load = async (name: string) => {
      const schema = JSON.parse(await readFile(join(schemas ?? '', name), 'utf8')) as Record<string, unknown>;
      return ajv.compile({ ...schema, $schema: 'https://json-schema.org/draft/2020-12/schema' });
    };
    const rule = await load('sigma-detection-rule-schema.json');
    const correlation = await load('sigma-correlation-rules-schema.json');
    const files = (await readdir(shippedRules(), { recursive: true })).filter((name) =>
      name.endsWith('.yml'),
    );
    expect(files.length).toBeGreaterThan(20);
    for (const file of files)
      for (const document of parseAllDocuments(await readFile(join(shippedRules(), file), 'utf8'))) {
        const value = document.toJS() as object;
        const check = 'correlation' in value ? correlation : rule;
        expect(check(value), `${file}: ${JSON.stringify(check.errors)}`).toBe(true);
        expect(file).toMatch(/^[a-z0-9]+\/[a-z0-9_]{10,70}\.yml$/);
      }
  },
);
