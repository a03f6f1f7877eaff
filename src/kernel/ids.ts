/** Branded identifiers: a string of one kind can't be passed where another kind is expected. */
import type { Random } from './random.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type IncidentId = Branded<'IncidentId'>;
export type CredentialId = Branded<'CredentialId'>;
export type ExposureId = Branded<'ExposureId'>;
export type CampaignId = Branded<'CampaignId'>;

const prefixes = {
  incident: 'inc',
  credential: 'crd',
  exposure: 'exp',
  campaign: 'cmp',
  scan: 'scn',
  import: 'imp',
  hunt: 'hnt',
  collection: 'col',
  load: 'lod',
  reboot: 'rbt',
  installation: 'ins',
} as const;

type Ids = {
  incident: IncidentId;
  credential: CredentialId;
  exposure: ExposureId;
  campaign: CampaignId;
  scan: string;
  import: string;
  hunt: string;
  collection: string;
  load: string;
  reboot: string;
  installation: string;
};

/** Crockford's base 32: no letter is mistaken for a digit when an id is read aloud. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new id such as `inc_7m2k9q4x1c8d` : 12 characters, 60 random bits. */
export function newId<K extends keyof Ids>(kind: K, random: Random): Ids[K] {
  let text = '';
  for (const byte of random.bytes(12)) text += alphabet[byte & 31];
  return `${prefixes[kind]}_${text}` as Ids[K];
}
