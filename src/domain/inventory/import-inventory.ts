/**
 * Imports a list of credentials or a scanner's report: all of its good records, or none when the file as a
 * whole is bad. What firebreak.yaml says of a record's system completes the record, as in a discovery.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { badInput, type Fault, FirebreakError, messageOf } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { type Identified, identifyRecords } from './identify-records.ts';
import {
  detectFormat,
  type ImportEvent,
  type ImportFormat,
  type ImportMapping,
  type ImportRecord,
  readImport,
} from './import/index.ts';
import { saveRun, saveStatements } from './store.ts';
import type { Systems } from './systems.ts';
import type { RunSummary, Statement } from './types.ts';

export interface ImportOptions {
  /** Without it: the mapping's, or what the file's content shows. */
  format?: ImportFormat;
  mapping?: ImportMapping;
  /** What the inventory calls this source. Without it: the mapping's. */
  source?: string;
  /** Does everything and takes it back. */
  dryRun?: boolean;
  signal: AbortSignal;
  onProgress?: (done: { records: number; rejected: number }) => void;
}

/** `records = accepted + rejected`. */
export interface ImportSummary extends RunSummary {
  file: string;
  format: ImportFormat;
  sha256: string;
  dryRun: boolean;
  /** Accepted records whose secret belongs to a credential that the inventory had already. */
  matched: number;
  /** The first faults of rejected records; all are counted. */
  rejects: Fault[];
  ledgerSeq: number | null;
}

/** Throws bad_input, and changes nothing, when the file is bad as a whole or not one record of it is good. */
export async function importInventory(
  context: Context,
  systems: Systems,
  file: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const source = options.source ?? options.mapping?.source;
  if (source === undefined)
    throw badInput('the import', [{ field: 'source', expected: 'a name for this source, such as "cmdb"' }]);
  const sha256 = await hashFile(file);
  const format = options.format ?? options.mapping?.format ?? (await detectFormat(file));
  const dryRun = options.dryRun ?? false;
  const id = newId('import', context.random);
  const empty = { records: 0, accepted: 0, rejected: 0, added: 0, matched: 0, rejects: [], ledgerSeq: null };
  const summary: ImportSummary = { id, source: `import:${source}`, file, format, sha256, dryRun, ...empty };
  const startedAt = context.clock.now();
  const transaction = await context.db.startTransaction().execute();
  try {
    await writeRecords(context, systems, transaction, summary, options);
    if (summary.accepted === 0) throw badInput(file, nothingGood(summary));
    if (dryRun) await transaction.rollback().execute();
    else {
      summary.ledgerSeq = await recordRun(context, transaction, summary, startedAt);
      await transaction.commit().execute();
    }
    return summary;
  } catch (error) {
    if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
    throw error;
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (cause) {
    throw new FirebreakError('bad_input', `can't read ${file}: ${messageOf(cause)}`, { cause });
  }
  return hash.digest('hex');
}

function nothingGood({ file, rejects }: ImportSummary): Fault[] {
  return rejects.length > 0 ? rejects : [{ file, expected: 'records of credentials', got: 'none' }];
}

async function writeRecords(
  context: Context,
  systems: Systems,
  tx: Tx,
  summary: ImportSummary,
  options: ImportOptions,
): Promise<void> {
  const events = readImport(summary.file, summary.format, options.mapping);
  for await (const group of grouped(events, limits.inventoryBatchRows)) {
    options.signal.throwIfAborted();
    const identified = await identifyRecords(context, systems, tx, takeRecords(group, summary));
    const statements = await Promise.all(identified.map((one) => toStatement(context, one, summary.dryRun)));
    summary.added += await saveDistinct(context, tx, summary.source, statements);
    summary.accepted += identified.length;
    summary.matched += identified.filter((one) => one.isKnown).length;
    options.onProgress?.(summary);
  }
}

/** Counts the events, and keeps the first faults. */
function takeRecords(events: readonly ImportEvent[], summary: ImportSummary): ImportRecord[] {
  summary.records += events.length;
  return events.flatMap((event) => {
    if (event.type === 'record') return [event.record];
    summary.rejected++;
    if (summary.rejects.length < limits.faultsListedMax) summary.rejects.push(event.fault);
    return [];
  });
}

async function* grouped<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of source) {
    if (group.push(item) < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** A dry run seals nothing: what it writes is taken back at once. */
async function toStatement(context: Context, one: Identified, dryRun: boolean): Promise<Statement> {
  if (!one.secret || dryRun) return one.statement;
  return { ...one.statement, sealedSecret: await context.sealer.seal(one.secret, `credential:${one.ref}`) };
}

/** Statements of one batch name different credentials: a second one of the same is written after the first. */
async function saveDistinct(
  context: Context,
  tx: Tx,
  source: string,
  statements: Statement[],
): Promise<number> {
  let added = 0;
  for (let rest = statements; rest.length > 0; ) {
    const now = new Map<string, Statement>();
    const later: Statement[] = [];
    for (const statement of rest) {
      const key = JSON.stringify([statement.system, statement.kind, statement.name]);
      if (now.has(key)) later.push(statement);
      else now.set(key, statement);
    }
    added += await saveStatements(tx, source, [...now.values()], context);
    rest = later;
  }
  return added;
}

async function recordRun(context: Context, tx: Tx, summary: ImportSummary, startedAt: Date): Promise<number> {
  const { rejects, ledgerSeq: _, ...data } = summary;
  const [seq = 0] = await context.ledger.appendWithin(tx, [
    {
      kind: 'inventory.imported',
      actor: context.actor,
      subject: `source:${summary.source}`,
      data: { ...data, firstRejects: rejects.slice(0, 20) },
    },
  ]);
  await saveRun(tx, { ...summary, startedAt, finishedAt: context.clock.now(), ledgerSeq: seq });
  return seq;
}
