/**
 * The documents of Sigma as schemas: rules, correlations, filters. Fields that are not listed are allowed, as the
 * specification says; those that are listed must be right. Only what the hunt uses is listed.
 */
import { z } from 'zod';
import { limits } from '../../../kernel/limits.ts';
import { severities } from '../types.ts';
import { correlationTypes } from './types.ts';

const Title = z.string().trim().min(1, 'some text').max(256, 'at most 256 characters');
const Name = z.string().min(1, 'some text').max(256, 'at most 256 characters');
const Fields = z.array(Name).max(limits.sigmaGroupFieldsMax, `at most ${limits.sigmaGroupFieldsMax} fields`);

const head = {
  title: Title,
  id: Name.optional(),
  name: Name.optional(),
  status: z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported']).optional(),
  level: z.enum(severities).optional(),
  tags: z.array(z.string().max(256, 'at most 256 characters')).optional(),
  taxonomy: z.string().optional(),
};

const LogSource = z
  .looseObject({ category: Name.optional(), product: Name.optional(), service: Name.optional() })
  .refine(
    ({ category, product, service }) => category ?? product ?? service,
    'a category, product or service',
  );

export const DetectionDocument = z.looseObject({
  ...head,
  logsource: LogSource,
  detection: z.record(z.string(), z.unknown()),
});

export const FilterDocument = z.looseObject({
  ...head,
  logsource: LogSource.optional(),
  filter: z.looseObject({ rules: z.union([z.array(Name).min(1, 'at least one rule'), z.literal('any')]) }),
});

const Span = z.string().regex(/^\d{1,9}[smhd]$/, 'a number with s, m, h or d such as 90m');
const Amount = z.number('a number');

const Threshold = z.strictObject({
  gt: Amount.optional(),
  gte: Amount.optional(),
  lt: Amount.optional(),
  lte: Amount.optional(),
  eq: Amount.optional(),
  neq: Amount.optional(),
  field: z.union([Name, Fields.min(1, 'at least one field')]).optional(),
  percentile: z.number().min(0, 'at least 0').max(100, 'at most 100').optional(),
});

export const CorrelationDocument = z.looseObject({
  ...head,
  correlation: z.looseObject({
    type: z.enum(correlationTypes),
    rules: z.union([Name.transform((one) => [one]), z.array(Name).min(1, 'at least one rule')]),
    'group-by': z.union([Name.transform((one) => [one]), Fields]).optional(),
    timespan: Span,
    condition: Threshold.optional(),
    aliases: z.record(z.string(), z.record(z.string(), Name)).optional(),
    generate: z.boolean().optional(),
  }),
  generate: z.boolean().optional(),
});

export type DetectionDocument = z.infer<typeof DetectionDocument>;
export type FilterDocument = z.infer<typeof FilterDocument>;
export type CorrelationDocument = z.infer<typeof CorrelationDocument>;
