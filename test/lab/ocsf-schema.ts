/**
 * Checks mapped rows against the OCSF 1.8 class schemas (schema.ocsf.io/1.8.0), where they are at hand. The
 * schemas are exported with all profiles applied; `cloud` and `osint` are asked for by profiles of those names
 * only, and our events claim no profile.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { mappedColumns } from '../../src/lake/events.ts';
import { toOcsf } from '../../src/ocsf/to-ocsf.ts';
import { type MappedRow, sharedFolder } from './golden.ts';

/** Where the schemas are, or nothing: tests then say that they were skipped. */
export const ocsfFolder = sharedFolder('ocsf');

interface ClassSchema {
  properties: { class_uid?: { const?: number } };
  required: string[];
}

const ofProfiles = ['cloud', 'osint'];
const validators = new Map<number, ValidateFunction>();
let schemas: Map<number, ClassSchema> | undefined;

/** The class schemas by their number; empty where they are absent. */
export function classSchemas(): ReadonlyMap<number, ClassSchema> {
  schemas ??= new Map(
    (ocsfFolder === undefined ? [] : readdirSync(ocsfFolder)).map((name) => {
      const schema = JSON.parse(readFileSync(join(ocsfFolder ?? '', name), 'utf8')) as ClassSchema;
      return [schema.properties.class_uid?.const ?? 0, schema];
    }),
  );
  return schemas;
}

/** What the schema of its class has against an event: nothing, or a line for each fault. */
export function ocsfFaults(row: MappedRow): string[] {
  const event = toOcsf(
    { ...row, time: toMs(row.time), logged_time: row.logged_time ? toMs(row.logged_time) : null },
    mappedColumns,
  );
  const classUid = Number(row.class_uid);
  const validate = validator(classUid);
  if (validate === undefined) return [`line ${row.number}: no schema of class ${classUid}`];
  if (validate(event)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `line ${row.number}, class ${classUid}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function validator(classUid: number): ValidateFunction | undefined {
  const known = validators.get(classUid);
  const schema = classSchemas().get(classUid);
  if (known !== undefined || schema === undefined) return known;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const made = ajv.compile({
    ...schema,
    required: schema.required.filter((name) => !ofProfiles.includes(name)),
  });
  validators.set(classUid, made);
  return made;
}

/** Milliseconds since 1970 of a time as the engine prints it, `2023-11-23 16:00:00.000` in UTC. */
function toMs(time: unknown): number {
  return Date.parse(`${String(time).replace(' ', 'T')}Z`);
}
