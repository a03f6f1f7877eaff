/** Names and passwords of the practice estate, made from a seed: the same estate every time. */
import type { Random } from '../../kernel/random.ts';
import { randomPassword, seededRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';

const services = [
  'billing',
  'orders',
  'ledger',
  'mail',
  'search',
  'edge',
  'dns',
  'cache',
  'images',
  'video',
  'auth',
  'audit',
  'quota',
  'abuse',
  'reports',
  'alerts',
  'metrics',
  'config',
  'deploy',
  'build',
  'queue',
  'stream',
  'archive',
  'backup',
  'catalog',
] as const;
const purposes = ['reader', 'writer', 'migrate', 'job', 'report'] as const;

export interface Account {
  name: string;
  /** The application whose environment file holds the secret. */
  app: string;
  owner: string;
  password: Secret;
  claimedUnusedBy?: string;
}

/** The name of an environment variable for an account's secret: `BILLING_READER_001_PASSWORD`. */
export const keyOf = (name: string): string => `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PASSWORD`;

/** `count` accounts such as `billing_reader_001`, spread over the applications. */
export function makeAccounts(seed: string, prefix: string, count: number): Account[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const service = services[index % services.length] ?? 'billing';
    const purpose = purposes[Math.floor(index / services.length) % purposes.length] ?? 'reader';
    const serial = Math.floor(index / (services.length * purposes.length)) + 1;
    const name = `${prefix}${service}_${purpose}_${String(serial).padStart(3, '0')}`;
    return { name, app: `${service}-${purpose}`, owner: `team-${service}`, password: password(random) };
  });
}

export const password = (random: Random): Secret => new Secret(randomPassword(random, 28));

/**
 * The four that nobody rotated in 2023 because nobody seemed to use them. Where each lives in this estate:
 * a token of the portal, and accounts of its database and its cache.
 */
export const forgotten = {
  token: 'moveworks-service-token',
  database: ['smartsheet_svc', 'bitbucket_svc', 'aws_apps_svc'],
  claimedBy: 'owner survey 2023-10',
} as const;

export const owners: readonly string[] = services.map((service) => `team-${service}`);
