/** Imports a CSV file of N credentials into a store of its own; prints seconds and the peak of resident memory. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { importInventory } from '../src/domain/inventory/index.ts';
import { openDomainLab } from '../test/lab/domain.ts';

const credentials = Number(process.argv[2]);
const lab = await openDomainLab('firebreak: 1\norganisation: Bench\n');
const file = join(lab.folder, 'credentials.csv');
const stream = createWriteStream(file);
stream.write('system,kind,name,class,environment,owner\n');
for (let index = 0; index < credentials; index++) {
  const written = stream.write(
    `db-${index % 40},password,service_${index},password,production,team-${index % 25}\n`,
  );
  if (!written) await once(stream, 'drain');
}
stream.end();
await once(stream, 'close');

const startedAt = performance.now();
const summary = await importInventory(lab.context, lab.systems, file, {
  source: 'bench',
  signal: new AbortController().signal,
});
const seconds = (performance.now() - startedAt) / 1_000;
if (summary.accepted !== credentials) throw new Error(`${summary.accepted} of ${credentials} were accepted`);
await lab.close();
process.stdout.write(JSON.stringify({ seconds, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) }));
