/** Reads the indicators of a STIX 2.1 bundle. What can't be read is listed with its reason. */
import { z } from 'zod';
import { readText } from '../../../kernel/document.ts';
import { badInput, messageOf } from '../../../kernel/errors.ts';
import { sha256Hex } from '../../../kernel/hash.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { Severity } from '../types.ts';
import { readPattern, Unreadable } from './stix-pattern.ts';
import type { Sought, Unread } from './types.ts';

const Bundle = z.object({ type: z.literal('bundle'), objects: z.array(z.unknown()).default([]) });

const Indicator = z.object({
  type: z.literal('indicator'),
  id: z.string().max(limits.importTextCharsMax),
  name: z.string().optional(),
  pattern: z.string(),
  pattern_type: z.string().default('stix'),
  revoked: z.boolean().default(false),
  confidence: z.number().optional(),
});

export interface StixIndicators {
  sought: Sought[];
  unread: Unread[];
  /** Objects of the bundle that are no indicators. */
  others: number;
}

/** Throws bad_input when the file is no bundle. */
export async function readStixFile(file: string): Promise<StixIndicators> {
  return readStix(await readText(file), file);
}

function readStix(text: string, file: string): StixIndicators {
  const bundle = Bundle.safeParse(parse(text, file));
  if (!bundle.success)
    throw badInput(file, [{ file, expected: 'a STIX 2.1 bundle: an object with type "bundle" and objects' }]);
  const found: StixIndicators = { sought: [], unread: [], others: 0 };
  for (const [index, object] of bundle.data.objects.entries())
    readObject(object, `${file}: objects[${index}]`, found);
  return found;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badInput(file, [{ file, expected: 'JSON', got: printable(messageOf(cause)) }]);
  }
}

function readObject(object: unknown, place: string, found: StixIndicators): void {
  if ((object as { type?: unknown } | null)?.type !== 'indicator') {
    found.others++;
    return;
  }
  const parsed = Indicator.safeParse(object);
  if (!parsed.success) {
    found.unread.push({ origin: place, what: 'an indicator', why: 'it has no id or no pattern' });
    return;
  }
  const { id, name, pattern, pattern_type: type, revoked, confidence } = parsed.data;
  const what = printable(name ?? pattern);
  const refuse = (why: string): void => {
    found.unread.push({ origin: id, what, why });
  };
  if (revoked) {
    refuse('its producer has revoked it');
    return;
  }
  if (type !== 'stix') {
    refuse(`its pattern is in ${printable(type)}, not in STIX`);
    return;
  }
  try {
    const alternatives = readPattern(pattern);
    const mark = sha256Hex(JSON.stringify(alternatives)).slice(0, 16);
    found.sought.push({
      id: `ioc:stix:${mark}`,
      title: what,
      origin: id,
      severity: severityOf(confidence),
      alternatives,
    });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    refuse(printable(error.message));
  }
}

/** STIX 2.1, appendix A: 0 to 29 low, to 69 medium, above high. Without one, medium. */
function severityOf(confidence: number | undefined): Severity {
  if (confidence === undefined) return 'medium';
  return confidence < 30 ? 'low' : confidence < 70 ? 'medium' : 'high';
}
