/**
 * firebreak.yaml: what this organisation has. Environments, suppliers, owners, systems with the connector of
 * each, imports, policy. Secrets only by reference.
 */
import { dirname, resolve } from 'node:path';
import { Encrypter } from 'age-encryption';
import { z } from 'zod';
import { parseText, readText } from '../../kernel/document.ts';
import { limits } from '../../kernel/limits.ts';
import { SecretRef } from '../../kernel/reference.ts';
import { checkAcross } from './config-checks.ts';
import { Delivery, PathTemplate } from './delivery.ts';
import { FleetConfig, resolveFleet } from './fleet-config.ts';
import { ImportMapping } from './import/mapping.ts';
import { LogMapping } from './log-mapping.ts';

const Name = z
  .string()
  .max(64, 'at most 64 characters')
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters and digits, joined by single hyphens');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
const printableText = /^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/;

const Title = z
  .string()
  .min(1, 'some text')
  .max(200, 'at most 200 characters')
  .regex(printableText, 'text without control characters');

const Host = z
  .string()
  .max(253, 'at most 253 characters')
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]+$/, 'a host name or an IP address');

/** The age library itself says whether it could seal for it. */
const Recipient = z.string().refine((text) => {
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}, 'an age recipient (age1...)');

const Reference = z.union(SecretRef.options, {
  error: '{env: NAME}, {file: PATH} or {file: PATH, key: NAME}',
});

export const SystemConfig = z.strictObject({
  name: Name,
  connector: Name,
  environment: Name,
  owner: Name.optional(),
  /** Those that hold credentials of this system. */
  suppliers: z.array(Name).default([]),
  /** Names under which scans may meet it. */
  hosts: z.array(Host).default([]),
  /** Checked by the connector's own schema. */
  config: z.record(z.string(), z.unknown()).default({}),
  /** Where replacements of its credentials go; `{name}` stands for the credential's name. */
  delivery: Delivery.optional(),
  /** Where the present secrets can be read; `{name}` stands for the credential's name. */
  oldSecret: Reference.optional(),
  /** Lower or raise the connector's own quota. */
  concurrency: z.int('a whole number').min(1, 'at least 1').max(1_000, 'at most 1000').optional(),
  perSecond: z.number().positive('more than 0').max(100_000, 'at most 100000').optional(),
});
export type SystemConfig = z.infer<typeof SystemConfig>;

const Environment = z.strictObject({ name: Name, critical: z.boolean().default(false) });
const Supplier = z.strictObject({ id: Name, name: Title });
const Owner = z.strictObject({
  name: Name,
  email: z.email('an e-mail address').optional(),
  /** Hand-off files are sealed to all of them. */
  recipients: z.array(Recipient).default([]),
});

const Waves = z.strictObject({
  /** Credentials in the first wave. */
  canary: z.int('a whole number').min(1, 'at least 1').default(5),
  /** A wave that fails more often stops the campaign; 0.02 is 2 %. */
  failureRateMax: z.number().min(0, 'at least 0').max(1, 'at most 1').default(0.02),
  /** Credentials in each later wave. */
  size: z.int('a whole number').min(1, 'at least 1').default(1_000),
});

const Policy = z.strictObject({
  /** People who must approve a plan. */
  approvals: z.int('a whole number').min(1, 'at least 1').max(10, 'at most 10').default(1),
  waves: Waves.prefault({}),
  /** How often a dead credential is tried. */
  negativeProbes: z
    .int('a whole number')
    .min(1, 'at least 1')
    .max(limits.probesNegativeMax, `at most ${limits.probesNegativeMax}`)
    .default(2),
  handOffFolder: PathTemplate.default('./handoff'),
});

const SourceId = z
  .string()
  .max(64, 'at most 64 characters')
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the id of a log source (firebreak logs sources names them)');

/** Logs that must be there: where one is missing, coverage says so. */
const ExpectedLog = z.strictObject({ source: SourceId, host: Host.optional() });

/** Where data of a protected class is kept: the log in which an access stands, and what it is called there. */
const DataStore = z.strictObject({
  source: SourceId,
  host: Host.optional(),
  match: z
    .string()
    .min(1, 'some text')
    .max(200, 'at most 200 characters')
    .regex(printableText, 'text without control characters, * for anything')
    .optional(),
});

const DataClass = z.strictObject({
  class: Name,
  stores: z.array(DataStore).min(1, 'at least one store').max(limits.dataStoresMax),
});

const Logs = z.strictObject({
  expected: z.array(ExpectedLog).default([]),
  /** NDJSON of other kinds, by the name that `--source` takes. */
  mappings: z.record(Name, LogMapping).default({}),
});

export const Config = z
  .strictObject({
    firebreak: z.literal(1),
    organisation: Title,
    environments: z.array(Environment).default([]),
    suppliers: z.array(Supplier).default([]),
    owners: z.array(Owner).default([]),
    systems: z.array(SystemConfig).default([]),
    imports: z.record(Name, ImportMapping).default({}),
    fleet: FleetConfig.prefault({}),
    policy: Policy.prefault({}),
    logs: Logs.prefault({}),
    data: z.array(DataClass).max(limits.dataClassesMax).default([]),
  })
  .superRefine(checkAcross, { when: () => true });
export type Config = z.infer<typeof Config>;

/** What is known of the connectors: each one's schema for `config`, by its id. */
type ConnectorConfigs = ReadonlyMap<string, { config: z.ZodType }>;

/**
 * Reads firebreak.yaml, and checks each system's `config` against its connector. Throws bad_input with every
 * fault by file, line, column and field.
 */
export async function loadConfig(file: string, connectors?: ConnectorConfigs): Promise<Config> {
  return parseConfig(await readText(file), file, dirname(resolve(file)), connectors);
}

/** Checks `text`; relative paths in it are resolved against `folder`. Throws as `loadConfig` does; `file` names it. */
export function parseConfig(
  text: string,
  file: string,
  folder: string,
  connectors?: ConnectorConfigs,
): Config {
  const config = parseText(text, file, connectors ? withConnectors(connectors) : Config);
  return {
    ...config,
    systems: config.systems.map((system) => ({
      ...system,
      config: mapReferences(system.config, folder) as Record<string, unknown>,
      ...(system.delivery && { delivery: resolveDelivery(system.delivery, folder) }),
      ...(system.oldSecret && { oldSecret: mapReferences(system.oldSecret, folder) as SecretRef }),
    })),
    imports: Object.fromEntries(
      Object.entries(config.imports).map(([name, mapping]) => [name, resolveMapping(mapping, folder)]),
    ),
    fleet: resolveFleet(mapReferences(config.fleet, folder) as FleetConfig, folder),
    policy: { ...config.policy, handOffFolder: resolve(folder, config.policy.handOffFolder) },
  };
}

/** The schema that also asks each system's connector what it thinks of its configuration. */
function withConnectors(connectors: ConnectorConfigs): typeof Config {
  return Config.superRefine(({ systems }, context) => {
    for (const [index, system] of systems.entries()) {
      const connector = connectors.get(system.connector);
      if (!connector) {
        const message = `a connector: ${[...connectors.keys()].join(', ')}`;
        context.addIssue({ code: 'custom', path: ['systems', index, 'connector'], message });
        continue;
      }
      const checked = connector.config.safeParse(system.config);
      for (const issue of checked.error?.issues ?? [])
        context.addIssue({ ...issue, path: ['systems', index, 'config', ...issue.path] } as Parameters<
          typeof context.addIssue
        >[0]);
    }
  });
}

function resolveDelivery(delivery: Delivery, folder: string): Delivery {
  return delivery.kind === 'hand-off' ? delivery : { ...delivery, path: resolve(folder, delivery.path) };
}

function resolveMapping(mapping: ImportMapping, folder: string): ImportMapping {
  const { defaults } = mapping;
  if (!defaults?.delivery) return mapping;
  return { ...mapping, defaults: { ...defaults, delivery: resolveDelivery(defaults.delivery, folder) } };
}

/** Resolves the file of every secret reference, however deep in a connector's configuration it stands. */
function mapReferences(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => mapReferences(entry, folder));
  if (typeof value !== 'object' || value === null) return value;
  const reference = SecretRef.safeParse(value);
  if (reference.success && 'file' in reference.data)
    return { ...reference.data, file: resolve(folder, reference.data.file) };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapReferences(entry, folder)]));
}
