/** Asks a system what it knows, and merges the answer into the inventory. */
import pMap from 'p-map';
import type { Discovered } from '../../connectors/contract.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import { readSecret } from '../../kernel/reference.ts';
import type { Context } from '../context.ts';
import type { SystemConfig } from './config.ts';
import { saveGrants, saveIdentities, saveStatements, saveSystem } from './store.ts';
import { fillName, type Systems } from './systems.ts';
import type { RunSummary, Statement } from './types.ts';

/** Files read side by side when the present secrets are fingerprinted. */
const readConcurrency = 32;

export type DiscoverProgress = (done: { credentials: number; identities: number; grants: number }) => void;

/**
 * Discovers one system. Where its configuration says where the present secrets can be read, each is
 * fingerprinted, so that leaks can be matched to it; a secret that can't be read leaves the credential
 * without a fingerprint.
 */
export async function discoverSystem(
  context: Context,
  systems: Systems,
  name: string,
  signal: AbortSignal,
  onProgress: DiscoverProgress = () => {},
): Promise<RunSummary & { identities: number; grants: number; unreadable: number }> {
  const system = systems.get(name);
  const session = await systems.open(name);
  if (!session.discover)
    throw new FirebreakError(
      'unsupported',
      `connector ${system.connector} can't discover: import a list instead`,
    );
  const source = `connector:${name}`;
  const counts = { credentials: 0, identities: 0, grants: 0, added: 0, unreadable: 0 };
  for await (const batch of session.discover(signal)) {
    await saveBatch(context, systems, system, batch, counts);
    onProgress(counts);
  }
  const id = newId('import', context.random);
  const summary = {
    id,
    source,
    records: counts.credentials,
    accepted: counts.credentials,
    rejected: 0,
    added: counts.added,
  };
  const { identities, grants, unreadable } = counts;
  await context.ledger.append({
    kind: 'inventory.discovered',
    actor: context.actor,
    subject: `system:${name}`,
    data: { ...summary, identities, grants, unreadable, as: session.admin },
  });
  return { ...summary, identities, grants, unreadable };
}

interface Counts {
  credentials: number;
  identities: number;
  grants: number;
  added: number;
  unreadable: number;
}

async function saveBatch(
  context: Context,
  systems: Systems,
  system: SystemConfig,
  batch: Discovered[],
  counts: Counts,
): Promise<void> {
  const at = context.clock.now();
  const credentials = batch.filter((item) => item.type === 'credential');
  const identities = batch.filter((item) => item.type === 'identity');
  const grants = batch.filter((item) => item.type === 'grant');
  for (const found of batch.filter((item) => item.type === 'system'))
    await saveSystem(
      context.db,
      {
        name: system.name,
        kind: system.connector,
        connector: system.connector,
        environment: system.environment,
        owner: system.owner,
        version: found.version,
        attributes: found.attributes,
      },
      at,
    );
  if (identities.length > 0) await saveIdentities(context.db, system.name, identities, at);
  if (grants.length > 0) await saveGrants(context.db, system.name, grants, at);
  for (let start = 0; start < credentials.length; start += limits.inventoryBatchRows) {
    const slice = credentials.slice(start, start + limits.inventoryBatchRows);
    const statements = await pMap(slice, (found) => toStatement(context, systems, system, found), {
      concurrency: readConcurrency,
    });
    counts.added += await saveStatements(context.db, `connector:${system.name}`, statements, context);
    counts.unreadable += statements.filter(
      (statement) => statement.secretRef && !statement.fingerprint,
    ).length;
  }
  counts.credentials += credentials.length;
  counts.identities += identities.length;
  counts.grants += grants.length;
}

async function toStatement(
  context: Context,
  systems: Systems,
  system: SystemConfig,
  found: Extract<Discovered, { type: 'credential' }>,
): Promise<Statement> {
  const { name, kind, attributes } = found.target;
  const secretRef = system.oldSecret && fillName(system.oldSecret, name);
  const secret = secretRef && (await readSecret(secretRef).catch(() => undefined));
  return {
    system: system.name,
    kind,
    name,
    class: systems.kind(system.name, kind)?.class,
    principal: found.principal,
    environment: system.environment,
    owner: system.owner,
    suppliers: system.suppliers,
    fingerprint: secret && context.fingerprinter.of(secret),
    secretRef,
    delivery: system.delivery && fillName(system.delivery, name),
    changedAt: found.changedAt,
    changedNoLaterThan: found.changedNoLaterThan,
    lastUsedAt: found.lastUsedAt,
    expiresAt: found.expiresAt,
    attributes,
  };
}
