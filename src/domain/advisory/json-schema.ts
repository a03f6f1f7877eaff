/** The advisory format as JSON Schema, for editors and other programs. */
import { z } from 'zod';
import { Advisory } from './types.ts';

/**
 * JSON Schema (draft 2020-12) of an advisory. What it can't express (calendar days, unique ids, windows that
 * end after they begin) only `firebreak advisory check` finds.
 */
export function advisoryJsonSchema(): Record<string, unknown> {
  return { title: 'Firebreak advisory', ...z.toJSONSchema(Advisory) };
}
