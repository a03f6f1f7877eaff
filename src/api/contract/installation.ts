/** The installation itself, its connectors and systems. */
import { z } from 'zod';
import { Count } from './parts.ts';

export const InstallationView = z.object({
  version: z.string(),
  folder: z.string().nullable(),
  database: z.enum(['embedded', 'external']),
  keysFolder: z.string(),
  configFile: z.string(),
  ledger: z.object({ size: Count, verifierKey: z.string() }),
});
export type InstallationView = z.infer<typeof InstallationView>;

export const ConnectorList = z.object({
  connectors: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      docs: z.string(),
      kinds: z.array(
        z.object({
          kind: z.string(),
          title: z.string(),
          class: z.string(),
          replacement: z.enum(['overlap', 'swap', 'none', 'manual']),
        }),
      ),
      privileges: z.array(z.string()),
      quotas: z.object({ concurrency: Count, perSecond: z.number().nullable() }),
      /** Those of firebreak.yaml that use it. */
      systems: z.array(z.string()),
    }),
  ),
});

export const SystemCheck = z.object({
  system: z.string(),
  connector: z.string(),
  /** Who we are there. */
  admin: z.string(),
  /** Its lock-out rule: after how many failures in what time. Null: it does not lock. */
  lockout: z.object({ failuresMax: Count.nullable(), windowMs: Count, source: z.string() }),
  can: z.array(z.string()),
  ms: Count,
});
