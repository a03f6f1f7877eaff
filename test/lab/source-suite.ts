/**
 * What every log source must hold: its golden pairs, that no record gets lost, that its events are valid OCSF,
 * that it recognises its own records, and that no bytes whatever make its mapping fail.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classes } from '../../src/lake/events.ts';
import { CsvSplitter } from '../../src/lake/ingest/split/csv.ts';
import { JsonSplitter } from '../../src/lake/ingest/split/json.ts';
import { LineSplitter } from '../../src/lake/ingest/split/lines.ts';
import type { Source } from '../../src/lake/sources/contract.ts';
import { brief, goldenPairs, type MapOptions, type MappedRow, mapRecords, readGolden } from './golden.ts';
import { classSchemas, ocsfFaults } from './ocsf-schema.ts';

/** The records of a file, cut as the lake cuts them. */
export function cutRecords(source: Source, bytes: Buffer): Buffer[] {
  const splitter =
    source.framing === 'json'
      ? new JsonSplitter(source.recordsFields)
      : source.framing === 'csv'
        ? new CsvSplitter()
        : new LineSplitter();
  return [...splitter.push(bytes), ...splitter.end()].map((record) => record.bytes);
}

/** All fixtures of a source: their names and their records. */
export async function fixtures(
  source: Source,
): Promise<{ name: string; events: string; records: Buffer[] }[]> {
  const pairs = await goldenPairs(source);
  return Promise.all(
    pairs.map(async ({ input, events }) => ({
      name: basename(input),
      events,
      records: cutRecords(source, await readFile(input)),
    })),
  );
}

const schemasAbsent = classSchemas().size === 0;

/** Registers the tests of a source. `options` are those of its golden pairs. */
export function sourceSuite(source: Source, options: MapOptions = {}): void {
  let mapped: Promise<Mapped[]> | undefined;
  const once = () => (mapped ??= mapFixtures(source, options));
  const events = async () => (await once()).flatMap(({ rows }) => rows).filter(({ reject }) => reject === '');

  describe(`source ${source.id}`, () => {
    test('golden pairs: each record becomes the event that is written beside it', async () => {
      const all = await once();
      expect(all.length).toBeGreaterThan(0);
      for (const { events, records, rows } of all) {
        expect(rows.map(({ line }) => line)).toEqual(records.map(String));
        expect(rows.map(brief)).toEqual(await readGolden(events, rows.map(brief)));
      }
      for (const { time, line } of await events())
        expect(Date.parse(`${String(time).replace(' ', 'T')}Z`), line).toBeGreaterThan(0);
    });

    const name = `events are valid OCSF${schemasAbsent ? ' (skipped: the schemas are not here)' : ''}`;
    test.skipIf(schemasAbsent)(name, async () => {
      // Class 0 is the base event: it says that the record is no more than a record. Events that were OCSF before may
      // be of classes that our columns have no room for.
      const ours: readonly number[] = Object.values(classes);
      const classed = (await events()).filter(({ class_uid }) => ours.includes(Number(class_uid)));
      expect(classed.length).toBeGreaterThan(0);
      expect(classed.flatMap(ocsfFaults)).toEqual([]);
    });

    test('it recognises every record that it makes an event of', async () => {
      const missed = (await events()).filter(({ line }) => !source.recognise(line));
      expect(missed.map(({ line }) => line)).toEqual([]);
    });

    test('no bytes make the mapping fail, and every record is accounted for', async () => {
      const seed = Number(process.env.FIREBREAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
      const samples = (await fixtures(source)).flatMap(({ records }) => records);
      const broken = fc.sample(brokenRecord(samples), { numRuns: 1_500, seed });
      const rows = await mapRecords(source, broken, options).catch((error: unknown) => {
        throw new Error(`FIREBREAK_SEED=${seed} repeats it: ${String(error)}`);
      });
      expect(rows.map(({ number }) => number)).toEqual(broken.map((_record, index) => index + 1));
    });
  });
}

interface Mapped {
  events: string;
  records: Buffer[];
  rows: MappedRow[];
}

async function mapFixtures(source: Source, options: MapOptions): Promise<Mapped[]> {
  const all = await fixtures(source);
  return Promise.all(
    all.map(async ({ events, records }) => ({
      events,
      records,
      rows: await mapRecords(source, records, options),
    })),
  );
}

const hostile = [
  '',
  ' ',
  '\0',
  '{',
  '{}',
  '[]',
  'null',
  '"',
  '{"time":1e999}',
  "'; DROP TABLE events; --",
  '\u202e\u0007\u001b[2J',
].map((text) => Buffer.from(text));

/** A record that is cut short, has bytes put in or taken out, has a value of another type, or is random. */
function brokenRecord(samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const sample = fc.constantFrom(...samples);
  const bytes = fc.uint8Array({ maxLength: 24 }).map((array) => Buffer.from(array));
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const cut = fc.tuple(sample, at).map(([record, part]) => record.subarray(0, part * record.length));
  const changed = fc
    .tuple(sample, at, bytes, fc.nat(12))
    .map(([record, part, put, gone]) =>
      Buffer.concat([
        record.subarray(0, part * record.length),
        put,
        record.subarray(part * record.length + gone),
      ]),
    );
  const swapped = fc.tuple(sample, fc.nat(1_000), fc.json({ maxDepth: 2 })).map(swapValue);
  return fc.oneof(cut, changed, changed, swapped, bytes, fc.constantFrom(...hostile));
}

/** Puts another JSON value in the place of one of the record's values, or of a word where it is no JSON. */
function swapValue([record, index, json]: [Buffer, number, string]): Buffer {
  const text = record.toString('latin1');
  const values = [...text.matchAll(/(?<=":\s?)("[^"]*"|[\d.]+|true|false|null)|(?<=[= ])[^\s=]+/g)];
  const value = values[index % Math.max(1, values.length)];
  if (value === undefined) return record;
  return Buffer.from(text.slice(0, value.index) + json + text.slice(value.index + value[0].length), 'latin1');
}
