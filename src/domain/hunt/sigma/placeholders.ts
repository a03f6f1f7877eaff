/** A file with the values of placeholders: a map of names to lists of texts. */
import { z } from 'zod';
import { readDocument } from '../../../kernel/document.ts';
import { limits } from '../../../kernel/limits.ts';
import type { Placeholders } from './types.ts';

const Values = z
  .array(z.union([z.string(), z.number().transform(String)]))
  .max(limits.sigmaExpandedValuesMax, `at most ${limits.sigmaExpandedValuesMax} values`);
const Document = z.record(z.string().regex(/^\w+$/, 'letters, digits and underscores'), Values);

/** Throws bad_input with every fault. */
export const readPlaceholders = (file: string): Promise<Placeholders> => readDocument(file, Document);
