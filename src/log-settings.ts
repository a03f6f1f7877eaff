/** What firebreak.yaml says of logs, joined with the sources that come with Firebreak. */
import type { LogSettings } from './api/index.ts';
import { loadConfig } from './domain/inventory/index.ts';
import { FirebreakError } from './kernel/errors.ts';
import { sources } from './lake/index.ts';

/** Reads it anew each time, so that an edit counts at once. Without firebreak.yaml: the shipped sources alone. */
export async function loadLogSettings(configFile: string): Promise<LogSettings> {
  try {
    const { logs } = await loadConfig(configFile);
    const expected = logs.expected.map((one) => ({ ...one, why: 'firebreak.yaml expects it' }));
    return { sources, expected };
  } catch (error) {
    if (error instanceof FirebreakError && error.code === 'not_found') return { sources, expected: [] };
    throw error;
  }
}
