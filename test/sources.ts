/** The project's source files, for the tests that look at them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/kernel/paths.ts';

interface SourceFile {
  /** From the package's root: `src/kernel/errors.ts`. */
  path: string;
  text: string;
  lines: string[];
}

/** Tracked and new files that git does not ignore and that match. */
export function sourceFiles(matches: (path: string) => boolean): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\n'))]
    .filter((path) => path !== '' && matches(path))
    .flatMap((path) => {
      try {
        const text = readFileSync(join(packageRoot, path), 'utf8');
        return [{ path, text, lines: text.split('\n') }];
      } catch {
        return [];
      }
    });
}

/** What is loaded with a file: its imports without those of types and those that wait for a call. */
export function loadedWith(file: SourceFile): string[] {
  const found = file.text.matchAll(/^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]/gm);
  return [...found].map((match) => pathOf(file, match[1] ?? ''));
}

const pathOf = (file: SourceFile, name: string): string =>
  name.startsWith('.') ? join(file.path, '..', name) : name;

/** What a file imports: paths from the root for its own files, package names for others. Types count too. */
export function importsOf(file: SourceFile): string[] {
  const found = file.text.matchAll(
    /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm,
  );
  return [...found].map((match) => pathOf(file, match[1] ?? match[2] ?? ''));
}
