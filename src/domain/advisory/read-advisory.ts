/** Reading advisories from files: one, all that Firebreak ships, or only the list of what is wrong with one. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readDocument } from '../../kernel/document.ts';
import { assert, type Fault, FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { packageFile } from '../../kernel/paths.ts';
import { Advisory } from './types.ts';

/** Reads and checks one advisory. Throws bad_input with every fault by file, line, column and field. */
export async function readAdvisory(file: string): Promise<Advisory> {
  return readDocument(file, Advisory);
}

/** Every fault of the file, in one pass; empty when there is none. Throws bad_input when it can't be read at all. */
export async function checkAdvisory(file: string): Promise<Fault[]> {
  try {
    await readAdvisory(file);
    return [];
  } catch (error) {
    if (!(error instanceof FirebreakError) || error.code !== 'bad_input' || error.faults.length === 0)
      throw error;
    if (error.faults.length < limits.faultsListedMax) return error.faults;
    return [
      ...error.faults,
      { file, expected: `no more than ${limits.faultsListedMax} faults; mend these, then check again` },
    ];
  }
}

/** The advisories that come with Firebreak, by id. */
export async function loadShipped(): Promise<Advisory[]> {
  const folder = packageFile('src', 'domain', 'advisory', 'advisories');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const advisories = await Promise.all(files.map((name) => readAdvisory(join(folder, name))));
  for (const [index, name] of files.entries())
    assert(
      advisories[index]?.id === basename(name, '.yaml'),
      `the shipped advisory ${name} is named by its id`,
    );
  return advisories;
}
