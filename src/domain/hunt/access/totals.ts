/** How many tickets, pages and repositories there are: the "of N" that a responder brings, as a small JSON file. */
import { z } from 'zod';
import { readText } from '../../../kernel/document.ts';
import { badInput, messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { Totals } from './summarise.ts';

const Counts = z
  .record(z.string().max(limits.apiNameCharsMax), z.int().min(0))
  .refine((counts) => Object.keys(counts).length <= limits.accessTotalsMax, 'fewer names');
/** The counts alone, or under `totals` beside when they were taken. */
const File = z.union([z.strictObject({ asOf: z.string().optional(), totals: Counts }), Counts]);

/** What people call them, as the types are called. */
const spoken: Record<string, string> = {
  issue: 'ticket',
  repo: 'repository',
  'wiki page': 'page',
  document: 'page',
};

/** Throws bad_input with the file's name. */
export async function readTotals(file: string): Promise<Totals> {
  const text = await readText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badInput(file, [{ file, expected: 'JSON', got: printable(messageOf(cause)) }]);
  }
  const parsed = File.safeParse(json);
  if (!parsed.success)
    throw badInput(file, [
      { file, field: 'totals', expected: 'names with counts, such as {"totals": {"issues": 2059357}}' },
    ]);
  const counts =
    'totals' in parsed.data && typeof parsed.data.totals === 'object' ? parsed.data.totals : parsed.data;
  return Object.fromEntries(
    Object.entries(counts as Record<string, number>).map(([name, total]) => [typeOf(name), total]),
  );
}

/** `issues` is `ticket`, `repositories` is `repository`. */
function typeOf(name: string): string {
  const lower = name.toLowerCase();
  const single = lower.endsWith('ies') ? `${lower.slice(0, -3)}y` : lower.replace(/s$/, '');
  return spoken[single] ?? single;
}
