/** The manner of the code, held by a test. */
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from './sources.ts';

const generated = /\.generated\.ts$|^src\/(connectors|lake\/sources)\/registry\.ts$/;
const code = sourceFiles((path) => /^(src|test|bench|tools)\/.*\.ts$/.test(path) && !generated.test(path));
const linesMax = 400;
const functionLinesMax = 70;

test('files have kebab-case names and at most 400 lines', () => {
  const wrong = code.flatMap(({ path, lines }) => [
    ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.generated)?\.ts$/.test(basename(path)) ? [] : [`${path}: name`]),
    ...(lines.length > linesMax && !path.endsWith('.test.ts') ? [`${path}: ${lines.length} lines`] : []),
  ]);
  expect(wrong).toEqual([]);
});

test('a file says at its head why it exists', () => {
  const wrong = code
    .filter(({ path, text }) => !path.endsWith('.test.ts') && !/^(#!.*\n)?\/\*\*/.test(text))
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});

test('functions have at most 70 lines', () => {
  const wrong: string[] = [];
  for (const { path, lines } of code.filter((file) => !file.path.endsWith('.test.ts'))) {
    for (const [start, line] of lines.entries()) {
      const head = /^(\s*)(export )?(async )?function\*? (\w+)/.exec(line);
      if (!head) continue;
      const end = lines.findIndex((other, index) => index > start && other === `${head[1]}}`);
      if (end - start > functionLinesMax) wrong.push(`${path}: ${head[4]} has ${end - start} lines`);
    }
  }
  expect(wrong).toEqual([]);
});

test('nothing is left for later', () => {
  // Spelled in halves, so that this test does not find itself.
  const words = new RegExp(
    `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'not ' + 'implemented', 'HA' + 'CK'].join('|')})\\b`,
  );
  const wrong = code.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(wrong).toEqual([]);
});

test('no test is skipped or focused by hand', () => {
  const wrong = code
    .filter(
      ({ path, text }) => path.endsWith('.test.ts') && /\b(test|it|describe)\.(only|todo|skip)\(/.test(text),
    )
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});

test('amounts that people read have their thousands apart', () => {
  const amounts =
    'total|done|failed|indeterminate|cancelled|pending|outstanding|contained|excepted|matched|added|replaced|' +
    'examined|partial|refused|unreachable|reopened|embedded|cited|events|rejects|files|records|entries|' +
    'connected|length|size';
  const bare = new RegExp(`\\$\\{([\\w?]+\\.)*(${amounts})\\}`);
  const wrong = code
    .filter(({ path }) => /^src\/(cli|domain\/report)\//.test(path) && !path.endsWith('.test.ts'))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => (bare.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
  expect(wrong).toEqual([]);
});
