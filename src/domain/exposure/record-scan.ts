/**
 * Scans files for secrets and turns what it finds into exposures: a known credential by its fingerprint, or
 * a new one to close. The secret itself is sealed at once, so that it can be tried and proven dead.
 */
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import type { Context } from '../context.ts';
import {
  findByFingerprint,
  refsByName,
  type Statement,
  type Systems,
  saveStatements,
} from '../inventory/index.ts';
import { accountRefOf, identify, type KnownAccount } from './identify.ts';
import { type Hit, scanPaths } from './scan/index.ts';
import {
  closeAlreadyDead,
  exposeByScan,
  findDead,
  finishScan,
  type HitRow,
  insertHits,
  insertScan,
  reopenLeaked,
} from './store.ts';

export interface ScanSummary {
  id: string;
  files: number;
  bytes: number;
  /** Secrets at places; one secret may stand at many. */
  hits: number;
  /** Different secrets. */
  secrets: number;
  /** Of those: of credentials that the inventory knows. */
  known: number;
  /** Of those: new to the inventory, and now to be closed. */
  added: number;
  /** Of those: proven dead before. */
  alreadyDead: number;
  skipped: { file: string; reason: string }[];
  errors: { file: string; line?: number; entry?: number; message: string }[];
  errorsTotal: number;
}

export interface ScanInput {
  incidentId: string;
  paths: string[];
  signal: AbortSignal;
  onProgress?: (progress: {
    bytesDone: number;
    bytesTotal: number;
    filesDone: number;
    secrets: number;
  }) => void;
}

/** Scans and records. A file that can't be read is an error in the summary, and the rest goes on. */
export async function scanForExposures(
  context: Context,
  systems: Systems,
  input: ScanInput,
): Promise<ScanSummary> {
  const { db, clock, ledger, actor } = context;
  const id = newId('scan', context.random);
  const { incidentId, paths } = input;
  await insertScan(db, { id, incidentId, paths, at: clock.now() });
  await ledger.append({ kind: 'exposure.scan.started', actor, incidentId, subject: id, data: { paths } });
  const summary: ScanSummary = {
    id,
    files: 0,
    bytes: 0,
    hits: 0,
    secrets: 0,
    known: 0,
    added: 0,
    alreadyDead: 0,
    skipped: [],
    errors: [],
    errorsTotal: 0,
  };
  const seen = new Set<string>();
  let batch: Hit[] = [];
  const flush = async () => {
    if (batch.length > 0) await recordHits(context, systems, { id, incidentId, hits: batch, seen, summary });
    batch = [];
  };
  for await (const event of scanPaths(paths, {
    fingerprinter: context.fingerprinter,
    signal: input.signal,
  })) {
    if (event.type === 'hit') {
      summary.hits++;
      if (batch.push(event.hit) === limits.scanRecordBatchHits) await flush();
    } else if (event.type === 'error') {
      const { type, ...error } = event;
      if (++summary.errorsTotal <= limits.scanErrorsListedMax) summary.errors.push(error);
    } else if (event.type === 'file') {
      summary.files++;
      summary.bytes += event.bytes;
      if (event.skipped !== undefined && summary.skipped.length < limits.scanErrorsListedMax)
        summary.skipped.push({ file: event.file, reason: event.skipped });
    } else input.onProgress?.({ ...event, secrets: seen.size });
  }
  await flush();
  await db.transaction().execute(async (tx) => {
    const { skipped, errors, ...counts } = summary;
    await finishScan(tx, id, { files: summary.files, bytes: summary.bytes, errors, at: clock.now() });
    const data = { ...counts, skipped: skipped.length, firstErrors: errors.slice(0, 20) };
    await ledger.appendWithin(tx, [{ kind: 'exposure.scan.finished', actor, incidentId, subject: id, data }]);
  });
  return summary;
}

interface HitBatch {
  id: string;
  incidentId: string;
  hits: Hit[];
  seen: Set<string>;
  summary: ScanSummary;
}

async function recordHits(context: Context, systems: Systems, input: HitBatch): Promise<void> {
  const { db, clock, ledger, actor } = context;
  const byFingerprint = new Map(input.hits.map((hit) => [hit.fingerprint as string, hit]));
  const fingerprints = [...byFingerprint.keys()];
  const [known, dead] = await Promise.all([findByFingerprint(db, fingerprints), findDead(db, fingerprints)]);
  const unknown = [...byFingerprint.values()].filter(
    (hit) => !known.has(hit.fingerprint) && !dead.has(hit.fingerprint),
  );
  const added = await addCredentials(context, systems, `scan:${input.id}`, unknown);
  const owners = new Map([
    ...[...dead].map(([fingerprint, one]) => [fingerprint, one.credentialId] as const),
    ...[...known, ...added].map(([fingerprint, one]) => [fingerprint, one.id] as const),
  ]);
  count(input, fingerprints, { known, dead });
  const at = clock.now();
  const rows = input.hits.map((hit) => toRow(hit, owners.get(hit.fingerprint) ?? ''));
  await db.transaction().execute(async (tx) => {
    await insertHits(tx, input.id, rows);
    const data = { scan: input.id, hits: rows.map(({ detail, ...row }) => row) };
    const [seq = 0] = await ledger.appendWithin(tx, [
      { kind: 'exposure.found', actor, incidentId: input.incidentId, subject: input.id, data },
    ]);
    const credentialIds = [...new Set(owners.values())];
    await exposeByScan(tx, {
      incidentId: input.incidentId,
      credentialIds,
      source: input.id,
      explanation: 'its secret was found by a scan',
      seq,
      at,
    });
    await reopenLeaked(
      tx,
      input.incidentId,
      [...known.values()].map((one) => one.id),
    );
    await closeAlreadyDead(tx, input.incidentId, [...dead.keys()]);
  });
}

function count(
  input: HitBatch,
  fingerprints: string[],
  found: { known: Map<string, unknown>; dead: Map<string, unknown> },
): void {
  for (const fingerprint of fingerprints) {
    if (input.seen.has(fingerprint)) continue;
    input.seen.add(fingerprint);
    input.summary.secrets++;
    if (found.known.has(fingerprint)) input.summary.known++;
    else if (found.dead.has(fingerprint)) input.summary.alreadyDead++;
    else input.summary.added++;
  }
}

/** Adds what the inventory does not know, with its secret sealed. */
async function addCredentials(
  context: Context,
  systems: Systems,
  source: string,
  hits: Hit[],
): Promise<Map<string, { id: string; ref: string }>> {
  if (hits.length === 0) return new Map();
  const accounts: Map<string, KnownAccount> = await refsByName(
    context.db,
    hits.flatMap((hit) => accountRefOf(systems, hit) ?? []),
  );
  const statements: Statement[] = [];
  for (const hit of hits) {
    const accountRef = accountRefOf(systems, hit);
    const { statement, ref } = identify(
      systems,
      hit,
      accountRef === undefined ? undefined : accounts.get(accountRef),
    );
    // The next secret of this account in the batch is another one than this.
    if (accountRef !== undefined) accounts.set(accountRef, { fingerprint: hit.fingerprint });
    const sealedSecret = await context.sealer.seal(hit.secret, `credential:${ref}`);
    statements.push({ ...statement, fingerprint: hit.fingerprint, sealedSecret, expiresAt: hit.expiresAt });
  }
  await saveStatements(context.db, source, statements, context);
  return findByFingerprint(
    context.db,
    hits.map((hit) => hit.fingerprint),
  );
}

function toRow(hit: Hit, credentialId: string): HitRow {
  const { file, place, kind, fingerprint, secret, class: credentialClass, ...detail } = hit;
  return { fingerprint, file, place, kind, class: credentialClass, detail, credentialId };
}
