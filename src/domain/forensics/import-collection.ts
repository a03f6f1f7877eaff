/**
 * Takes in collections that were made elsewhere: the output of our script, run by hand; results of osquery and of
 * Velociraptor. The file itself goes into the evidence folder, and the chain of custody says that it was imported.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { badInput, type Fault, FirebreakError, messageOf } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import { plural, printable } from '../../kernel/text.ts';
import type { HuntContext } from '../hunt/index.ts';
import type { HostVerdict } from './collections.ts';
import { CollectionReader } from './collector/frames.ts';
import type { EvidenceFolder, Kept } from './evidence-folder.ts';
import { readResult, wanting } from './examine-host.ts';
import { jsonRecords, readOsquery, readVelociraptor, recogniseForeign } from './imports/read-foreign.ts';
import { factOf } from './imports/tables.ts';
import type { CollectionFormat, ForeignHost } from './imports/types.ts';
import { type Examined, GroupWriter } from './record-group.ts';
import { sweep } from './run-batch.ts';
import { findCollection, insertCollection, listCollections } from './store.ts';
import { addHosts, addLeftovers, findHosts, type HostRow } from './store-hosts.ts';
import type { Collected, Fact } from './types.ts';

export interface ImportInput {
  incidentId: string;
  file: string;
  /** Whose collection it is, where the file does not say, or says it differently. */
  host?: string;
  /** The table or artifact of another tool, where the file does not say. */
  table?: string;
  /** Into this collection; without it the latest, or a new one where there is none. */
  collection?: string;
  /** Into a collection of its own. */
  apart?: boolean;
  signal: AbortSignal;
  onProgress?: (done: { records: number }) => void;
}

export interface CollectionImport {
  collectionId: string;
  file: string;
  format: CollectionFormat;
  sha256: string;
  records: number;
  rejected: number;
  /** The first faults; all are counted. */
  rejects: Fault[];
  hosts: { host: string; state: HostVerdict['state']; why: string | null; facts: number; findings: number }[];
  /** Hosts that were examined already, which a collection of another tool does not replace. */
  skipped: string[];
}

/** What a file holds, before it is written. */
interface Content {
  format: CollectionFormat;
  records: number;
  rejected: number;
  rejects: Fault[];
  hosts: { host: string; collected: Collected; origin: string; isOurs: boolean }[];
}

/** Throws bad_input when the file is no collection that we know, and changes nothing then. */
export async function importCollection(
  context: HuntContext,
  evidence: EvidenceFolder,
  input: ImportInput,
): Promise<CollectionImport> {
  const content = await readContent(context, input);
  const kept = await keepFile(evidence, input.file);
  const target = await chooseCollection(context, input);
  const names = content.hosts.map(({ host }) => host);
  await context.db.transaction().execute((tx) => addHosts(tx, target.id, names));
  const rows = new Map((await findHosts(context.db, target.id, names)).map((row) => [row.host, row]));
  const load = newId('load', context.random);
  const wanted = content.hosts.filter(({ host, isOurs }) => isOurs || rows.get(host)?.state !== 'examined');
  await addLeftovers(
    context.db,
    target.id,
    wanted.map(({ host }) => ({ host, load })),
  );
  const { format, records, rejected, rejects } = content;
  const data = {
    source: 'imported',
    file: basename(input.file),
    format,
    sha256: kept.sha256,
    bytes: kept.bytes,
    records,
    rejected,
  };
  const group = { collectionId: target.id, incidentId: input.incidentId, kind: 'triage.imported', data };
  await using writer = new GroupWriter(context, group);
  const result: CollectionImport = {
    collectionId: target.id,
    file: input.file,
    format,
    sha256: kept.sha256,
    records,
    rejected,
    rejects,
    hosts: [],
    skipped: [],
  };
  for (const one of content.hosts) {
    const row = rows.get(one.host);
    if (!wanted.includes(one) || !row) {
      result.skipped.push(one.host);
      continue;
    }
    const examined = verdictOf(context, target.id, one, row, { load, kept, format });
    const { verdict, findings } = examined;
    result.hosts.push({
      host: one.host,
      state: verdict.state,
      why: verdict.why,
      facts: verdict.facts,
      findings: findings.length,
    });
    await writer.add(examined);
  }
  await writer.flush();
  await sweep({ context }, target.id, names);
  return result;
}

function verdictOf(
  context: HuntContext,
  collectionId: string,
  { host, collected, origin, isOurs }: Content['hosts'][number],
  row: HostRow,
  { load, kept }: { load: string; kept: Kept; format: CollectionFormat },
): Examined {
  const read = readResult({ id: collectionId }, { ...row, host }, load, collected);
  const bad = collected.artifacts.some((one) => one.state === 'partial' || one.state === 'failed');
  const isWhole = isOurs && collected.complete && !bad;
  const why = isOurs ? wanting(collected) : `imported: ${origin}; other artifacts are not in it`;
  const verdict: HostVerdict = {
    host,
    state: isWhole ? 'examined' : 'partial',
    code: isWhole ? null : isOurs ? 'artifacts' : 'imported',
    why: isWhole ? null : printable(why, 1_000),
    at: context.clock.now(),
    tookMs: 0,
    load: read ? load : null,
    facts: read?.facts ?? 0,
    score: read?.findings[0]?.score ?? 0,
    identity: isOurs ? collected.identity : null,
    artifacts: collected.artifacts,
    rawSha256: kept.sha256,
    rawBytes: kept.bytes,
    scriptSha256: null,
    exitCode: null,
    hostKey: null,
    origin: `imported: ${printable(origin, 300)}`,
  };
  return { verdict, facts: read?.text ?? '', findings: read?.findings ?? [], replaces: row.load };
}

async function chooseCollection(context: HuntContext, input: ImportInput): Promise<{ id: string }> {
  const { incidentId, collection, apart } = input;
  const isAny = !apart && (await listCollections(context.db, incidentId)).length > 0;
  if (collection !== undefined || isAny) return findCollection(context.db, incidentId, collection);
  const id = newId('collection', context.random);
  const at = context.clock.now();
  const what = { selection: {}, cost: 'full' as const, artifacts: [], since: null };
  await context.db.transaction().execute(async (tx) => {
    await insertCollection(tx, {
      id,
      incidentId,
      kind: 'import',
      createdAt: at,
      createdBy: context.actor,
      what,
      status: 'finished',
    });
    await context.ledger.appendWithin(tx, [
      {
        kind: 'triage.created',
        actor: context.actor,
        incidentId,
        subject: id,
        data: { source: 'imported', file: basename(input.file) },
      },
    ]);
  });
  return { id };
}

async function keepFile(evidence: EvidenceFolder, file: string): Promise<Kept> {
  const writer = evidence.create();
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) writer.write(chunk);
    return await writer.keep();
  } catch (error) {
    await writer.drop();
    throw error;
  }
}

async function readContent(context: HuntContext, input: ImportInput): Promise<Content> {
  const head = await readHead(input.file);
  if (/^@[0-9a-f]{16,64} firebreak /m.test(head)) return readOurs(context, input);
  const first = head.replace(/^\ufeff/, '').trimStart()[0];
  if (first !== '{' && first !== '[')
    throw badInput(input.file, [
      {
        file: input.file,
        line: 1,
        expected: 'the output of our script (firebreak triage script), or JSON of osquery or Velociraptor',
        got: first === undefined ? 'an empty file' : printable(head.slice(0, 60)),
      },
    ]);
  return readTheirs(input, first === '[');
}

async function readHead(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(limits.importSniffBytes),
        0,
        limits.importSniffBytes,
        0,
      );
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new FirebreakError('bad_input', `can't read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** The script's own output: its first frame says which nonce the others have. */
async function readOurs(context: HuntContext, { file, host, signal }: ImportInput): Promise<Content> {
  const reader = new CollectionReader({ now: () => context.clock.now() });
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    reader.push(chunk);
  }
  const collected = reader.end();
  const name = host ?? printable(collected.identity.hostname, 253);
  if (name === '')
    throw badInput(file, [
      {
        file,
        field: 'host',
        expected: 'the name of the host in the collection, or --host NAME',
        got: 'neither',
      },
    ]);
  if (collected.facts.length === 0)
    throw badInput(file, [
      { file, line: 1, expected: 'the output of the whole script', got: 'its begin alone' },
    ]);
  const origin = `${basename(file)}, made by our script on ${printable(collected.identity.hostname, 253) || 'a host without a name'}`;
  return {
    format: 'firebreak',
    records: 1,
    rejected: 0,
    rejects: [],
    hosts: [{ host: name, collected, origin, isOurs: true }],
  };
}

const sniffedRecords = 50;

/** Rows of another tool: gathered by host, in their order, so that what was removed again is left out. */
async function readTheirs(input: ImportInput, isList: boolean): Promise<Content> {
  const { file, signal, onProgress } = input;
  const format = await tellFormat(file, isList);
  const read = format === 'osquery' ? readOsquery : readVelociraptor;
  const options = {
    file,
    ...(input.host === undefined ? {} : { host: input.host }),
    ...(input.table === undefined ? {} : { table: input.table }),
  };
  const hosts = new Map<string, { facts: Map<string, Fact>; tables: Set<string> }>();
  const content: Content = { format, records: 0, rejected: 0, rejects: [], hosts: [] };
  let facts = 0;
  for await (const record of jsonRecords(file, isList)) {
    signal.throwIfAborted();
    content.records++;
    const reading = 'fault' in record ? record : read(record.value, options);
    if ('fault' in reading) {
      content.rejected++;
      if (content.rejects.length < limits.faultsListedMax)
        content.rejects.push({ file, line: record.line, ...reading.fault });
      continue;
    }
    for (const row of reading.rows) {
      const known = hosts.get(row.host) ?? { facts: new Map<string, Fact>(), tables: new Set<string>() };
      hosts.set(row.host, known);
      known.tables.add(row.table);
      const fact = factOf(format, row);
      const identity = JSON.stringify([fact.artifact, fact.key, fact.value]);
      if (row.gone) known.facts.delete(identity);
      else known.facts.set(identity, fact);
      if (++facts > limits.triageImportFactsMax)
        throw new FirebreakError(
          'limit_exceeded',
          `${file}: more than ${plural(limits.triageImportFactsMax, 'row')}: split it`,
        );
    }
    if (content.records % 1_000 === 0) onProgress?.(content);
  }
  if (hosts.size === 0)
    throw badInput(
      file,
      content.rejects.length > 0 ? content.rejects : [{ file, expected: 'rows', got: 'none' }],
    );
  content.hosts = [...hosts].map(([host, seen]) =>
    foreignHost(format, file, { host, facts: [...seen.facts.values()], tables: [...seen.tables] }),
  );
  return content;
}

async function tellFormat(file: string, isList: boolean): Promise<'osquery' | 'velociraptor'> {
  const records: unknown[] = [];
  for await (const record of jsonRecords(file, isList)) {
    if ('value' in record) records.push(record.value);
    if (records.length >= sniffedRecords) break;
  }
  const format = recogniseForeign(records);
  if (format) return format;
  throw badInput(file, [
    { file, line: 1, expected: 'results of osquery or Velociraptor', got: 'JSON of another kind' },
  ]);
}

function foreignHost(
  tool: string,
  file: string,
  { host, facts, tables }: ForeignHost,
): Content['hosts'][number] {
  const artifacts = tables.map((table) => ({
    artifact: printable(`${tool}:${table}`, 200),
    state: 'collected' as const,
    why: '',
    bytes: 0,
    truncated: false,
  }));
  const identity = {
    hostname: host,
    machineId: '',
    bootId: '',
    bootedAt: null,
    kernel: '',
    osId: '',
    osVersion: '',
    clockOffsetMs: null,
    container: '',
  };
  const named = `${tables.slice(0, 12).join(', ')}${tables.length > 12 ? `, and ${tables.length - 12} more` : ''}`;
  const origin = `${basename(file)}, ${plural(tables.length, 'table')} of ${tool} (${named})`;
  return { host, collected: { identity, facts, artifacts, complete: true }, origin, isOurs: false };
}
