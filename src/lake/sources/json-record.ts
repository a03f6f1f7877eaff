/** What the sources of JSON records share to recognise their own. */

export type JsonObject = { readonly [key: string]: unknown };

/** The record as a JSON object, or nothing when it is none. */
export function jsonObject(record: string): JsonObject | undefined {
  if (!/^\s*\{/.test(record)) return undefined;
  try {
    return asObject(JSON.parse(record));
  } catch {
    return undefined;
  }
}

/** The value as an object: no list, no null. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** Whether all these fields are texts with something in them. */
export const hasTexts = (object: JsonObject, ...names: readonly string[]): boolean =>
  names.every((name) => typeof object[name] === 'string' && object[name] !== '');
