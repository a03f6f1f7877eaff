/** Files of rules as documents: found, read and cut, each with a way to tell the line of any part of it. */
import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isNode, LineCounter, parseAllDocuments } from 'yaml';
import { readText } from '../../../kernel/document.ts';
import { badInput, FirebreakError, messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { Problem } from './types.ts';

export interface RuleDocument {
  file: string;
  /** Its number in the file, from 1. */
  number: number;
  value: unknown;
  /** The line of what stands at `path`, or of the nearest thing around it. */
  lineOf(path: readonly (string | number)[]): number;
}

export interface RuleText {
  file: string;
  text: string;
}

/** The YAML files at the paths, folders with everything in them, each file once, by name. Throws bad_input. */
export async function findRuleFiles(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    const stat = await lstat(path).catch((cause: unknown) => {
      throw badInput(path, [
        { file: path, expected: 'a file or folder of Sigma rules', got: printable(messageOf(cause)) },
      ]);
    });
    const files = stat.isDirectory() ? await listFolder(path) : [path];
    if (files.length === 0)
      throw badInput(path, [{ file: path, expected: 'a folder with .yml or .yaml files', got: 'none' }]);
    for (const file of files) found.add(resolve(file));
    if (found.size > limits.sigmaRulesMax)
      throw new FirebreakError(
        'limit_exceeded',
        `at most ${limits.sigmaRulesMax} files of rules are taken at once`,
      );
  }
  return [...found];
}

async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Reads the files. One that is no text, or too long, is a problem of its own. */
export async function readRuleFiles(
  files: readonly string[],
): Promise<{ texts: RuleText[]; problems: Problem[] }> {
  const texts: RuleText[] = [];
  const problems: Problem[] = [];
  for (const file of files)
    try {
      texts.push({ file, text: await readText(file) });
    } catch (error) {
      if (!(error instanceof FirebreakError)) throw error;
      const [fault] = error.faults;
      const reason = fault ? `expected ${fault.expected}, got ${fault.got ?? 'none'}` : error.message;
      problems.push({ rule: '', title: '', file, line: fault?.line ?? 1, reason: printable(reason, 500) });
    }
  return { texts, problems };
}

/** The documents of one text. What is no YAML is a problem; the documents beside it are read all the same. */
export function cutDocuments({ file, text }: RuleText): { documents: RuleDocument[]; problems: Problem[] } {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    intAsBigInt: true,
  });
  const documents: RuleDocument[] = [];
  const problems: Problem[] = [];
  const refuse = (line: number, reason: string): void => {
    problems.push({ rule: '', title: '', file, line, reason: printable(reason, 500) });
  };
  if (!Array.isArray(parsed) || parsed.length === 0) {
    refuse(1, 'the file is empty');
    return { documents, problems };
  }
  for (const [index, document] of parsed.entries()) {
    const [error] = document.errors;
    if (error) {
      refuse(lineAt(error.pos[0]), `it is no valid YAML: ${error.message}`);
      continue;
    }
    if (document.contents === null) continue;
    try {
      const value = plain(document.toJS({ maxAliasCount: 100 }));
      const lineOf = (path: readonly (string | number)[]): number => {
        for (let depth = path.length; depth > 0; depth--) {
          const node = document.getIn(path.slice(0, depth), true);
          if (isNode(node) && node.range) return lineAt(node.range[0]);
        }
        return lineAt(document.contents?.range?.[0] ?? 0);
      };
      documents.push({ file, number: index + 1, value, lineOf });
    } catch (cause) {
      refuse(lineAt(document.range[0]), messageOf(cause));
    }
  }
  return { documents, problems };
}

/** Whole numbers as numbers where these are exact, and as text where not. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
