/**
 * YAML and JSON documents that people write (advisories, firebreak.yaml, mappings): parsed and checked
 * against a schema, and every fault named with its file, line, column, field and what was expected.
 */
import { readFile, stat } from 'node:fs/promises';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { badInput, type Fault, FirebreakError, messageOf } from './errors.ts';
import { limits } from './limits.ts';
import { printable } from './text.ts';

/** Reads `path` and checks it. Throws bad_input with every fault. */
export async function readDocument<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  return parseText(await readText(path), path, schema);
}

/** Whether this says that a file is not there at all, which may be no fault where the file is optional. */
export const isMissingFile = (error: unknown): boolean =>
  error instanceof FirebreakError && (error.cause as { code?: unknown } | undefined)?.code === 'ENOENT';

/** The text of a document file: UTF-8, not empty, within the limit. */
export async function readText(path: string): Promise<string> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new FirebreakError('bad_input', `can't read ${path}: ${messageOf(cause)}`, { cause });
  });
  if (size > limits.documentBytesMax)
    throw badInput(path, [
      { file: path, expected: `at most ${limits.documentBytesMax} bytes`, got: `${size} bytes` },
    ]);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new FirebreakError('bad_input', `can't read ${path}: ${messageOf(cause)}`, { cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const line = bytes.subarray(0, firstInvalidUtf8(bytes)).filter((byte) => byte === 10).length + 1;
    const error = badInput(path, [
      { file: path, line, expected: 'UTF-8 text', got: 'a byte sequence that is not UTF-8' },
    ]);
    throw Object.assign(error, { cause });
  }
}

function firstInvalidUtf8(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  const at = text.indexOf('\ufffd');
  return at < 0 ? bytes.length : Buffer.byteLength(text.slice(0, at));
}

/** Parses `text` as YAML 1.2 (JSON is YAML) and checks it against `schema`. Throws bad_input with every fault. */
export function parseText<S extends z.ZodType>(text: string, file: string, schema: S): z.infer<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): Pick<Fault, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => ({
      file,
      ...at(error.pos[0]),
      expected: 'valid YAML',
      got: printable(error.message),
    }));
    throw badInput(file, faults);
  }
  if (document.contents === null)
    throw badInput(file, [{ file, line: 1, expected: 'a document', got: 'an empty file' }]);
  const parsed = schema.safeParse(toPlain(document, file));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .flatMap((issue) => faultsOf(issue))
    .map(({ path, expected, got }) => {
      const offset = offsetOf(document, path);
      return { file, ...at(offset), field: fieldName(path), expected, got };
    });
  throw badInput(file, faults);
}

function toPlain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw badInput(file, [
      { file, line: 1, expected: 'at most 100 alias expansions', got: messageOf(cause) },
    ]);
  }
}

type PathPart = PropertyKey;

function faultsOf(issue: z.core.$ZodIssue): { path: PathPart[]; expected: string; got?: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      expected: 'no such field here',
      got: JSON.stringify(printable(key)),
    }));
  if (issue.code === 'invalid_type') {
    // zod 4 says what it got only in the message: "Invalid input: expected string, received undefined".
    const got = /received (.+)$/.exec(issue.message)?.[1];
    return [{ path: issue.path, expected: issue.expected, got: got === 'undefined' ? 'nothing' : got }];
  }
  if (issue.code === 'invalid_value')
    return [{ path: issue.path, expected: `one of ${issue.values.map(String).join(', ')}` }];
  return [{ path: issue.path, expected: issue.message }];
}

function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly PathPart[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function fieldName(path: readonly PathPart[]): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${String(part)}` : String(part),
    '',
  );
}
