/** Parts of a connector's configuration that many connectors share. */
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { SecretRef } from '../kernel/reference.ts';
import type { LockoutRule } from './contract.ts';

/** An administrative secret: where it is kept, never the secret itself. */
export const AdminSecret = z.union(SecretRef.options, {
  error:
    'a reference ({env: NAME}, {file: PATH} or {file: PATH, key: NAME}); the secret itself does not belong here',
});

export const Host = z.string().min(1).max(255);
export const Port = z.int().min(1).max(65_535);

/** TLS towards the system. Present means on; certificates are checked unless that is switched off. */
export const Tls = z.strictObject({
  ca: z.string().min(1).optional(),
  rejectUnauthorized: z.boolean().default(true),
});
export type Tls = z.output<typeof Tls>;

/** What Node's TLS needs. Throws unavailable when the CA file can't be read. */
export async function tlsOptions(tls: Tls): Promise<ConnectionOptions> {
  if (tls.ca === undefined) return { rejectUnauthorized: tls.rejectUnauthorized };
  const ca = await readFile(tls.ca, 'utf8').catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't read the CA file ${tls.ca}: ${messageOf(cause)}`, {
      cause,
    });
  });
  return { rejectUnauthorized: tls.rejectUnauthorized, ca };
}

/** A lock-out rule that was added to a system which has none of its own. */
export const Lockout = z.strictObject({
  failures: z.int().min(1).max(1_000),
  minutes: z.number().positive().max(100_000),
});
export type Lockout = z.output<typeof Lockout>;

/** The configured rule, or `otherwise` where there is none. */
export function lockoutRule(lockout: Lockout | undefined, otherwise: LockoutRule): LockoutRule {
  if (!lockout) return otherwise;
  return {
    failuresMax: lockout.failures,
    windowMs: lockout.minutes * 60_000,
    source: 'configuration: lockout',
  };
}
