/**
 * Turns the mapped values of one record into a record, or says which field is at fault. A fault never quotes a
 * value: where columns have shifted, any field may hold a secret.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type CredentialClass, credentialClasses } from '../../../connectors/contract.ts';
import { limits } from '../../../kernel/limits.ts';
import { SecretRef } from '../../../kernel/reference.ts';
import { Secret } from '../../../kernel/secret.ts';
import { Delivery } from '../delivery.ts';
import { isObject } from './json-values.ts';
import type { FieldName } from './mapping.ts';
import type { ImportRecord, Reading, RecordFault } from './types.ts';

export type Values = Partial<Record<FieldName, unknown>> & { attributes?: Record<string, unknown> };

/** Carries the fault of one field out of the checks. Never leaves this module. */
class FieldFault extends Error {
  readonly fault: RecordFault;

  constructor(field: string, expected: string, value: unknown) {
    super(field);
    this.fault = { field, expected, got: describe(value) };
  }
}

/** Checks every value that is there. Relative paths are resolved against `folder`. */
export function checkValues(values: Values, folder: string): Reading {
  try {
    return { record: withoutAbsent(toRecord(values, folder)) };
  } catch (error) {
    if (error instanceof FieldFault) return { fault: error.fault };
    throw error;
  }
}

function toRecord(values: Values, folder: string): ImportRecord {
  const text = (field: FieldName) => textOf(field, values[field]);
  const time = (field: FieldName, edge: 'first' | 'last') => timeOf(field, values[field], edge);
  return {
    system: partOf('system', values.system),
    kind: partOf('kind', values.kind),
    class: classOf(values.class),
    name: nameOf('name', values.name),
    principal: text('principal'),
    environment: nameOf('environment', values.environment),
    owner: nameOf('owner', values.owner),
    suppliers: listOf(values.suppliers),
    secret: secretOf(values.secret),
    secretRef: refOf(values.secretRef, folder),
    delivery: deliveryOf(values.delivery, folder),
    // A day without a time: the earliest moment that it can mean, so that nothing looks newer than it is.
    changedAt: time('changedAt', 'first'),
    changedEvidence: text('changedEvidence'),
    changedNoLaterThan: time('changedNoLaterThan', 'last'),
    lastUsedAt: time('lastUsedAt', 'last'),
    expiresAt: time('expiresAt', 'last'),
    claimedUnusedBy: text('claimedUnusedBy'),
    place: text('place'),
    attributes: attributesOf(values.attributes),
  };
}

const isAbsent = (value: unknown): value is null | undefined | '' =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

function textOf(field: string, value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new FieldFault(field, 'text', value);
  const text = String(value).trim();
  if (text.length > limits.importTextCharsMax)
    throw new FieldFault(field, `at most ${limits.importTextCharsMax} characters`, value);
  if (unprintable.test(text)) throw new FieldFault(field, 'text without control characters', value);
  return text;
}

/** A name goes into paths and references: it must not climb out of them. */
function nameOf(field: string, value: unknown): string | undefined {
  const text = textOf(field, value);
  if (text?.split(/[/\\]/).some((part) => part === '..' || part === '.'))
    throw new FieldFault(field, 'a name without . and .. between slashes', value);
  return text;
}

/** The parts of a reference system/kind/name before the last one. */
function partOf(field: string, value: unknown): string | undefined {
  const text = nameOf(field, value);
  if (text?.includes('/')) throw new FieldFault(field, 'a name without a slash', value);
  return text;
}

function classOf(value: unknown): CredentialClass | undefined {
  const text = textOf('class', value);
  const found = credentialClasses.find((name) => name === text);
  if (text !== undefined && found === undefined)
    throw new FieldFault('class', `one of ${credentialClasses.join(', ')}`, value);
  return found;
}

function listOf(value: unknown): string[] | undefined {
  if (isAbsent(value)) return undefined;
  const parts = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[;,|]/) : [value];
  return parts.map((part) => nameOf('suppliers', part)).filter((part) => part !== undefined);
}

function secretOf(value: unknown): Secret | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw new FieldFault('secret', 'text', value);
  return new Secret(String(value));
}

const Timestamp = z.iso.datetime({ offset: true });
const Day = z.iso.date();

function timeOf(field: string, value: unknown, edge: 'first' | 'last'): Date | undefined {
  const text = textOf(field, value);
  if (text === undefined) return undefined;
  if (Timestamp.safeParse(text).success) return new Date(text);
  if (Day.safeParse(text).success)
    return new Date(`${text}T${edge === 'first' ? '00:00:00.000' : '23:59:59.999'}Z`);
  throw new FieldFault(field, 'an ISO 8601 day, or a time with Z or an offset', value);
}

/** `env:NAME`, `file:PATH`, `file:PATH#KEY`, or the object of the configuration. */
function refOf(value: unknown, folder: string): SecretRef | undefined {
  if (isAbsent(value)) return undefined;
  const parsed = SecretRef.safeParse(isObject(value) ? value : refFromText(textOf('secretRef', value) ?? ''));
  if (!parsed.success) throw new FieldFault('secretRef', 'env:NAME, file:PATH or file:PATH#KEY', value);
  const ref = parsed.data;
  return 'env' in ref ? ref : { ...ref, file: pathOf('secretRef', ref.file, folder) };
}

function refFromText(text: string): unknown {
  const match = /^(?:env:(?<env>.+)|file:(?<file>[^#]+)(?:#(?<key>.+))?)$/.exec(text);
  return match?.groups && withoutAbsent({ ...match.groups });
}

/** `hand-off`, `env-file:PATH#KEY`, or the object of the configuration. */
function deliveryOf(value: unknown, folder: string): Delivery | undefined {
  if (isAbsent(value)) return undefined;
  const parsed = Delivery.safeParse(
    isObject(value) ? value : deliveryFromText(textOf('delivery', value) ?? ''),
  );
  if (!parsed.success) throw new FieldFault('delivery', 'hand-off or env-file:PATH#KEY', value);
  const delivery = parsed.data;
  return delivery.kind === 'hand-off'
    ? delivery
    : { ...delivery, path: pathOf('delivery', delivery.path, folder) };
}

function deliveryFromText(text: string): unknown {
  const match = /^env-file:(?<path>[^#]+)#(?<key>.+)$/.exec(text);
  return match ? { kind: 'env-file', ...match.groups } : { kind: text };
}

function pathOf(field: string, path: string, folder: string): string {
  const isPlain = nameOf(field, path) !== undefined;
  if (!isPlain) throw new FieldFault(field, 'a path', path);
  return resolve(folder, path);
}

function attributesOf(values: Record<string, unknown> | undefined): Record<string, string> | undefined {
  const texts = Object.entries(values ?? {}).map(([key, value]) => [key, textOf(`attributes.${key}`, value)]);
  const given = Object.fromEntries(texts.filter(([, text]) => text !== undefined));
  return Object.keys(given).length === 0 ? undefined : given;
}

/** The same object without the fields that are undefined. */
export function withoutAbsent<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `text of ${value.length} characters`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
