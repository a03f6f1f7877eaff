/** How the columns or fields of a file map to those of a record. */
import { z } from 'zod';
import { credentialClasses } from '../../../connectors/contract.ts';
import { Delivery } from '../delivery.ts';
import { importFormats } from './types.ts';

/** The fields of a record that hold one value each. */
export const fieldNames = [
  'system',
  'kind',
  'class',
  'name',
  'principal',
  'environment',
  'owner',
  'suppliers',
  'secretRef',
  'delivery',
  'changedAt',
  'changedEvidence',
  'changedNoLaterThan',
  'lastUsedAt',
  'expiresAt',
  'claimedUnusedBy',
  'place',
] as const;
export type FieldName = (typeof fieldNames)[number] | 'secret';

const Column = z.string().min(1, 'a column or a path');

/** A column of a CSV file; a dotted path or JSON pointer into a JSON record; or the same value for all. */
export const FieldSource = z.union([Column, z.strictObject({ const: z.string().min(1) })], {
  error: 'a column or path, or {const: VALUE}',
});
export type FieldSource = z.infer<typeof FieldSource>;

const AttributeKey = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'a name of letters, digits, dots and hyphens');

const Fields = z.strictObject({
  ...(Object.fromEntries(fieldNames.map((name) => [name, FieldSource.optional()])) as Record<
    (typeof fieldNames)[number],
    z.ZodOptional<typeof FieldSource>
  >),
  // A constant secret would be a secret in a configuration file.
  secret: Column.optional(),
  attributes: z.record(AttributeKey, FieldSource).optional(),
});

const Word = z.string().min(1, 'some text');

/** Taken where a record does not give the field itself. */
const Defaults = z.strictObject({
  system: Word.optional(),
  kind: Word.optional(),
  class: z.enum(credentialClasses).optional(),
  principal: Word.optional(),
  environment: Word.optional(),
  owner: Word.optional(),
  suppliers: z.array(Word).optional(),
  delivery: Delivery.optional(),
  claimedUnusedBy: Word.optional(),
  attributes: z.record(AttributeKey, z.string()).optional(),
});

export const ImportMapping = z
  .strictObject({
    format: z.enum(importFormats),
    source: Word.describe('What the inventory calls this source.'),
    delimiter: z
      .enum([',', ';', '\t', '|'])
      .optional()
      .describe('Of a CSV file. Without it: told from the header.'),
    records: Column.optional().describe('The field of a JSON document that holds the array of records.'),
    fields: Fields.optional().describe('Without it: columns and fields that have the names of ours.'),
    defaults: Defaults.optional(),
  })
  .superRefine(({ format, fields, delimiter, records }, context) => {
    const report = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (fields && format !== 'csv' && format !== 'json')
      report('fields', `no fields: those of a ${format} report are known`);
    if (delimiter && format !== 'csv') report('delimiter', 'a delimiter with the format csv only');
    if (records && format !== 'json') report('records', 'records with the format json only');
  });
export type ImportMapping = z.infer<typeof ImportMapping>;

export type FieldSources = z.infer<typeof Fields>;

/** Every column, field by its own name: what a file without a mapping is read with. */
export const ownNames: FieldSources = Object.fromEntries(
  [...fieldNames, 'secret'].map((name) => [name, name]),
);
