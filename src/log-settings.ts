/** What firebreak.yaml says of logs, joined with the sources that come with Firebreak. */
import type { LogSettings } from './api/ports.ts';
import { declaredMappings, loadConfig } from './domain/inventory/index.ts';
import { isMissingFile } from './kernel/document.ts';
import { sources, withDeclared } from './lake/index.ts';

/** Reads it anew each time, so that an edit counts at once. Without firebreak.yaml: the shipped sources alone. */
export async function loadLogSettings(configFile: string): Promise<LogSettings> {
  try {
    const { logs, data } = await loadConfig(configFile);
    const expected = logs.expected.map((one) => ({ ...one, why: 'firebreak.yaml expects it' }));
    return { sources: withDeclared(sources, declaredMappings(logs.mappings)), expected, data };
  } catch (error) {
    if (isMissingFile(error)) return { sources, expected: [], data: [] };
    throw error;
  }
}
