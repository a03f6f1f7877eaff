/**
 * The ingest of CloudTrail NDJSON, everything included (recognition, hash, mapping, rejects, the count afterwards),
 * beside the engine's own bare insert of the same file by one typed tuple with the raw record kept: by the engine's own
 * settings, by ours, and by ours into parts as ours are; and of a larger file, for time in proportion.
 * FIREBREAK_BENCH_INGEST_MB and FIREBREAK_BENCH_INGEST_LARGER_MB choose the sizes.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../src/kernel/limits.ts';
import { type EmbeddedLake, ingestLogs, openLake } from '../src/lake/index.ts';
import { cloudtrail } from '../src/lake/sources/cloudtrail/index.ts';
import { writeCloudTrail } from './sigma-events.ts';

const rounds = 4;
const largerRounds = 2;
const ratioMin = 0.7;
const memoryBytesMax = 3 * 1024 ** 3;

export async function benchIngest() {
  const megabytes = Number(process.env.FIREBREAK_BENCH_INGEST_MB ?? 500);
  const largerMegabytes = Number(process.env.FIREBREAK_BENCH_INGEST_LARGER_MB ?? 3 * megabytes);
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-ingest-'));
  try {
    const file = await makeFile(folder, megabytes);
    let ours = Number.POSITIVE_INFINITY;
    const bare = {
      ownSettings: Number.POSITIVE_INFINITY,
      ourSettings: Number.POSITIVE_INFINITY,
      ourParts: Number.POSITIVE_INFINITY,
    };
    let peak = 0;
    // In turns, and the best of each: what else the machine does falls on both alike.
    for (let round = 0; round < rounds; round++) {
      const run = await ingestOnce(folder, file);
      [ours, peak] = [Math.min(ours, run.seconds), Math.max(peak, run.peakBytes)];
      for (const how of ['ownSettings', 'ourSettings', 'ourParts'] as const)
        bare[how] = Math.min(bare[how], await bareOnce(folder, file, how));
    }
    await rm(file.path);
    const larger = await makeFile(folder, largerMegabytes);
    let oursLarger = Number.POSITIVE_INFINITY;
    for (let round = 0; round < largerRounds; round++) {
      const run = await ingestOnce(folder, larger);
      [oursLarger, peak] = [Math.min(oursLarger, run.seconds), Math.max(peak, run.peakBytes)];
    }
    if (peak >= memoryBytesMax) throw new Error(`${peak} bytes of memory`);
    return {
      name: 'Ingest of CloudTrail',
      megabytes: rounded(file.megabytes),
      records: file.records,
      seconds: rounded(ours),
      megabytesPerSecond: rounded(file.megabytes / ours),
      bareMegabytesPerSecond: rounded(file.megabytes / bare.ownSettings),
      ratio: rounded(bare.ownSettings / ours),
      ratioWanted: ratioMin,
      bareByOurSettingsMegabytesPerSecond: rounded(file.megabytes / bare.ourSettings),
      ratioByOurSettings: rounded(bare.ourSettings / ours),
      bareIntoOurPartsMegabytesPerSecond: rounded(file.megabytes / bare.ourParts),
      ratioIntoOurParts: rounded(bare.ourParts / ours),
      largerMegabytes: rounded(larger.megabytes),
      largerSeconds: rounded(oursLarger),
      largerMegabytesPerSecond: rounded(larger.megabytes / oursLarger),
      peakMegabytes: rounded(peak / 1e6),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

interface LogFile {
  path: string;
  records: number;
  megabytes: number;
}

async function makeFile(folder: string, megabytes: number): Promise<LogFile> {
  const path = join(folder, `cloudtrail-${megabytes}.ndjson`);
  return inLake(folder, async (lake) => {
    const records = await writeCloudTrail(lake, path, megabytes * 1e6);
    return { path, records, megabytes: (await stat(path)).size / 1e6 };
  });
}

/** A lake of its own, so that the file is new to it. */
async function inLake<Result>(folder: string, use: (lake: EmbeddedLake) => Promise<Result>): Promise<Result> {
  const place = join(folder, 'lake');
  const lake = await openLake({ folder: place });
  try {
    return await use(lake);
  } finally {
    await lake.close();
    await rm(place, { recursive: true, force: true });
  }
}

function ingestOnce(folder: string, file: LogFile): Promise<{ seconds: number; peakBytes: number }> {
  return inLake(folder, async (lake) => {
    const memory = watchMemory([process.pid, (await lake.enginePid()) ?? 0]);
    const started = performance.now();
    const { files } = await ingestLogs(lake, { paths: [file.path], sources: [cloudtrail] });
    const seconds = (performance.now() - started) / 1_000;
    if (files[0]?.events !== file.records) throw new Error(`${files[0]?.events} of ${file.records} events`);
    return { seconds, peakBytes: await memory.stop() };
  });
}

const tuple =
  'Tuple(eventTime String, eventName String, eventSource String, awsRegion String, sourceIPAddress String, userAgent String, ' +
  'errorCode String, requestID String, eventID String, eventType String, recipientAccountId String, readOnly String, ' +
  'userIdentity Tuple(type String, principalId String, arn String, accountId String, accessKeyId String, userName String))';
const few = [
  'eventName',
  'eventSource',
  'awsRegion',
  'errorCode',
  'eventType',
  'recipientAccountId',
  'readOnly',
];
const plain = ['sourceIPAddress', 'userAgent', 'requestID', 'eventID'];
const identity = ['type', 'principalId', 'arn', 'accountId', 'accessKeyId', 'userName'];

/** Parts as our events have them. The engine's own way is a file or two for each column of a part. */
const oneFileParts = `SETTINGS min_bytes_for_wide_part = ${4 * limits.ingestBlockBytes}`;

type Bare = 'ownSettings' | 'ourSettings' | 'ourParts';

/** No recognition, no hash, no rejects, no count, nothing forced to the disk. */
function bareOnce(folder: string, { path, records }: LogFile, how: Bare): Promise<number> {
  return inLake(folder, async (lake) => {
    const columns = [
      "time DateTime64(3, 'UTC')",
      'raw String CODEC(ZSTD(3))',
      ...few.map((name) => `${name} LowCardinality(String)`),
      ...[...plain, ...identity.map((name) => `identity_${name}`)].map((name) => `${name} String`),
    ];
    const parts = how === 'ourParts' ? oneFileParts : '';
    await lake.run(`CREATE TABLE bare (${columns.join(', ')}) ENGINE = MergeTree ORDER BY time ${parts}`);
    const fields = [...few, ...plain].map((name) => `t.${name}`);
    const insert = `INSERT INTO bare SELECT parseDateTime64BestEffortOrZero(t.eventTime, 3, 'UTC'), line, ${fields.join(', ')},
         ${identity.map((name) => `t.userIdentity.${name}`).join(', ')}
       FROM (SELECT line, JSONExtract(line, '${tuple}') AS t FROM {input})`;
    const started = performance.now();
    if (how !== 'ownSettings')
      await lake.insert(insert, { format: 'LineAsString', structure: 'line String', path });
    else await lake.run(insert.replace('{input}', `file('${path}', 'LineAsString', 'line String')`));
    const seconds = (performance.now() - started) / 1_000;
    // The role that reads knows only the lake's tables, so this one checks itself.
    await lake.run(`SELECT throwIf(count() != {records:UInt64} OR countIf(eventName = '') > 0) FROM bare`, {
      records,
    });
    return seconds;
  });
}

/** Samples what the processes hold together. */
function watchMemory(pids: readonly number[]): { stop(): Promise<number> } {
  let peak = 0;
  const sample = async (): Promise<void> => {
    const sizes = await Promise.all(pids.map(residentBytes));
    peak = Math.max(
      peak,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  };
  const timer = setInterval(() => void sample(), 50);
  return {
    stop: async () => {
      clearInterval(timer);
      await sample();
      return peak;
    },
  };
}

async function residentBytes(pid: number): Promise<number> {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}
