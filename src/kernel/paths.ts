/** Where the package's own files lie, from the sources and from the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The folder of package.json. */
export const packageRoot = findRoot();

/** A file of the package by its path from the root, such as `src/store/migrations`. */
export const packageFile = (...parts: string[]): string => join(packageRoot, ...parts);
