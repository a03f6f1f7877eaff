/** The nouns of an advisory and their schema, which is also the documented file format. */
import { z } from 'zod';
import { credentialClasses } from '../../connectors/contract.ts';
import { checkAcross } from './cross-checks.ts';
import { Indicator } from './indicator.ts';
import { Day, Moment } from './moment.ts';
import { Confidence, Id, Provenance, Text } from './vocabulary.ts';

/** When the attacker could read what the supplier held. `null` at either end: not known, so without bound. */
export const Window = z.strictObject({
  id: Id.describe('Names the window inside this file, so that exposes can point to it.'),
  from: Moment.nullable().describe('First day or time. null: not known.'),
  to: Moment.nullable().describe('Last day or time; a day counts to its end. null: open-ended.'),
  what: Text.describe('What happened in this window.'),
  provenance: Provenance,
  confidence: Confidence,
});
export type Window = z.infer<typeof Window>;

/** A class of credential that the breach exposed, and where those credentials stood. */
export const Exposed = z.strictObject({
  class: z.enum(credentialClasses),
  description: Text,
  where: Text.describe('Where the credentials stood, such as "HAR files uploaded to support cases".'),
  windows: z
    .array(Id)
    .min(1, 'at least one window, or no field at all')
    .optional()
    .describe('The ids of the windows in which they could be read. Without it: all windows.'),
  provenance: Provenance,
});
export type Exposed = z.infer<typeof Exposed>;

const actionKinds = [
  'rotate',
  'revoke-sessions',
  'sanitise',
  'mfa',
  'restrict',
  'audit',
  'pin',
  'other',
] as const;

export const Action = z.strictObject({ title: Text, kind: z.enum(actionKinds), description: Text });
export type Action = z.infer<typeof Action>;

export const Reference = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'an http or https URL' }),
  kind: z.enum(['supplier', 'secondary']),
});
export type Reference = z.infer<typeof Reference>;

export const Supplier = z.strictObject({
  id: Id.describe('What firebreak.yaml calls the supplier.'),
  name: Text,
  aliases: z.array(Id).optional().describe('Other ids under which an inventory may know it.'),
});
export type Supplier = z.infer<typeof Supplier>;

/** A supplier's breach. Every field is kept as the file gives it. */
export const Advisory = z
  .strictObject({
    'firebreak-advisory': z.literal(1).describe('The version of this format.'),
    id: Id,
    supplier: Supplier,
    title: Text,
    disclosed: Day.optional().describe('When the public learned of it.'),
    summary: Text,
    references: z.array(Reference),
    windows: z.array(Window).min(1, 'at least one window'),
    exposes: z.array(Exposed).min(1, 'at least one credential class'),
    indicators: z.array(Indicator),
    actions: z.array(Action).min(1, 'at least one action'),
  })
  .superRefine(checkAcross, { when: () => true });
export type Advisory = z.infer<typeof Advisory>;
