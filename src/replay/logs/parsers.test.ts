/**
 * The practice logs through the mappings of the lake: whoever reads real logs must be able to read these, and the
 * only records refused are those that were broken on purpose.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MappedRow, mapRecords } from '../../../test/lab/golden.ts';
import { packageFile } from '../../kernel/paths.ts';
import type { Source } from '../../lake/sources/contract.ts';
import { type LogEstate, writeLogs } from './index.ts';

/** The lake's source for each kind of log. */
const sourceIds: Readonly<Record<string, string>> = {
  okta: 'okta',
  'cloudflare-access-requests': 'cloudflare-access',
  'cloudflare-gateway-http': 'cloudflare-gateway-http',
  'cloudflare-gateway-dns': 'cloudflare-gateway-dns',
  'cloudflare-audit-logs': 'cloudflare-audit',
  'jira-audit': 'jira-audit',
  'confluence-audit': 'confluence-audit',
  'bitbucket-audit': 'bitbucket-audit',
  'jira-access': 'jira-access',
  'confluence-access': 'confluence-access',
  'bitbucket-access': 'bitbucket-access',
  'github-audit': 'github-audit',
  'linux-auth': 'linux-auth',
  auditd: 'auditd',
  'nginx-access': 'web-access',
  'vault-audit': 'vault-audit',
  'kubernetes-audit': 'kubernetes-audit',
  'postgres-csvlog': 'postgres-csvlog',
  ocsf: 'ocsf',
  cloudtrail: 'cloudtrail',
};

const sourceFile = (id: string, name: string) => packageFile('src', 'lake', 'sources', id, name);
const sourceOf = (kind: string): string | undefined => {
  const id = sourceIds[kind] ?? '';
  return existsSync(sourceFile(id, 'index.ts')) ? id : undefined;
};

let estate: LogEstate;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-logs-'));
  estate = await writeLogs({ folder, events: 12_000 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function recordsOf(path: string): Promise<string[]> {
  const bytes = await readFile(join(estate.folder, path));
  if (path.endsWith('.gz'))
    return JSON.parse(gunzipSync(bytes).toString()).Records.map((one: object) => JSON.stringify(one));
  const text = bytes.toString();
  if (path.endsWith('.csv'))
    return (parse(text, { raw: true }) as unknown as { raw: string }[]).map(({ raw }) => raw.trimEnd());
  return text.trimEnd().split('\n');
}

/** All records of a kind, and where each stands. */
async function gather(kind: string): Promise<{ records: string[]; places: string[] }> {
  const records: string[] = [];
  const places: string[] = [];
  for (const { path } of estate.files.filter((file) => file.source === kind))
    for (const [index, record] of (await recordsOf(path)).entries()) {
      records.push(record);
      places.push(`${path}:${index + 1}`);
    }
  return { records, places };
}

const msOf = (row: MappedRow): number => Date.parse(`${String(row.time).replace(' ', 'T')}Z`);

describe('the lake reads the practice logs', () => {
  for (const kind of Object.keys(sourceIds)) {
    const id = sourceOf(kind);
    const name = id === undefined ? `${kind} (skipped: the lake has no source for it)` : `${kind} as ${id}`;
    test.skipIf(id === undefined)(name, async () => {
      const { default: _, ...door } = (await import(sourceFile(id ?? '', 'index.ts'))) as Record<
        string,
        unknown
      >;
      const source = Object.values(door).find(isSource);
      expect(source?.id).toBe(id);
      if (!source) return;
      const { records, places } = await gather(kind);
      const rows = await mapRecords(source, records, {
        baseTime: '2023-11-28T00:00:00.000Z',
        host: 'practice',
      });
      const broken = new Set(estate.truth.broken.map(({ path, line }) => `${path}:${line}`));

      const refused = rows.filter(({ reject }) => reject !== '');
      expect(
        refused
          .filter((row) => !broken.has(places[row.number - 1] ?? ''))
          .map(({ reject, line }) => [reject, line]),
      ).toEqual([]);
      expect(refused).toHaveLength(places.filter((place) => broken.has(place)).length);
      const whole = records.filter((_record, index) => !broken.has(places[index] ?? ''));
      expect(whole.filter((record) => !source.recognise(record)).slice(0, 3)).toEqual([]);

      // The attack's records have the time that the truth has for them, to the second.
      const numbers = new Map(places.map((place, index) => [place, index]));
      for (const event of estate.truth.attack) {
        const row = rows[numbers.get(`${event.path}:${event.line}`) ?? -1];
        if (row)
          expect([event.act, Math.floor(msOf(row) / 1000)]).toEqual([
            event.act,
            Math.floor(Date.parse(event.at) / 1000),
          ]);
      }
    });
  }
});

const isSource = (value: unknown): value is Source =>
  typeof value === 'object' && value !== null && 'id' in value && 'recognise' in value && 'framing' in value;
