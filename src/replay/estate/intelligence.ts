/** What others have published of the same intruder, as a STIX 2.1 bundle: the indicators of the incident of 2023. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { indicators } from '../logs/index.ts';

const published = '2024-02-01T00:00:00.000Z';

/** Name, and the STIX pattern. */
const sought: readonly (readonly [name: string, pattern: string])[] = [
  ["the intruder's main address", `[ipv4-addr:value = '${indicators.address}']`],
  ['where the implant reports to', `[ipv4-addr:value = '${indicators.control}']`],
  ['where the implant was loaded from', `[domain-name:value = '${indicators.domain}']`],
  [
    "the implant's file",
    `[file:hashes.'SHA-256' = '${indicators.sha256}' OR file:name = '${indicators.file}']`,
  ],
];

/** Writes it and returns its path. */
export async function writeIntelligence(folder: string): Promise<string> {
  const file = join(folder, 'intelligence.stix.json');
  const objects = sought.map(([name, pattern], index) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
    created: published,
    modified: published,
    valid_from: published,
    name,
    pattern,
    pattern_type: 'stix',
    confidence: 90,
  }));
  const bundle = { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects };
  await writeFile(file, `${JSON.stringify(bundle, null, 2)}\n`);
  return file;
}
