/** Imports a list of hosts: all of its good records, or none when the file as a whole is bad. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { badInput, type Fault, FirebreakError, messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import type { Context } from '../../context.ts';
import { readHosts } from './read-hosts.ts';
import { saveHosts } from './store.ts';
import type { Host } from './types.ts';

/** `records = accepted + rejected`. */
export interface HostImport {
  file: string;
  sha256: string;
  records: number;
  accepted: number;
  rejected: number;
  added: number;
  /** The first faults of rejected records; all are counted. */
  rejects: Fault[];
  ledgerSeq: number;
}

export interface HostImportOptions {
  signal: AbortSignal;
  onProgress?: (done: { records: number }) => void;
}

/** Throws bad_input, and changes nothing, when the file is bad as a whole or not one record of it is good. */
export async function importHosts(
  context: Context,
  file: string,
  options: HostImportOptions,
): Promise<HostImport> {
  const sha256 = await hashFile(file);
  const result: HostImport = {
    file,
    sha256,
    records: 0,
    accepted: 0,
    rejected: 0,
    added: 0,
    rejects: [],
    ledgerSeq: 0,
  };
  return context.db.transaction().execute(async (tx) => {
    let batch: Host[] = [];
    const flush = async () => {
      result.added += await saveHosts(tx, file, batch, context.clock.now());
      batch = [];
      options.signal.throwIfAborted();
      options.onProgress?.(result);
    };
    for await (const event of readHosts(file)) {
      result.records++;
      if (event.type === 'reject') {
        result.rejected++;
        if (result.rejects.length < limits.faultsListedMax) result.rejects.push(event.fault);
        continue;
      }
      result.accepted++;
      if (batch.push(event.host) === limits.inventoryBatchRows) await flush();
    }
    if (batch.length > 0) await flush();
    if (result.accepted === 0)
      throw badInput(
        file,
        result.rejects.length > 0 ? result.rejects : [{ file, expected: 'records of hosts', got: 'none' }],
      );
    const { rejects, ledgerSeq: _, ...data } = result;
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      {
        kind: 'inventory.hosts-imported',
        actor: context.actor,
        subject: 'hosts',
        data: { ...data, firstRejects: rejects.slice(0, 20) },
      },
    ]);
    return { ...result, ledgerSeq: seq };
  });
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
