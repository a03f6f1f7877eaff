/** An ingest in a process of its own, for tests that kill it: says on stdout how far it is. */
import { ingestLogs, openLake } from '../../src/lake/index.ts';
import { testSources } from './log-source.ts';

const [folder = '', path = ''] = process.argv.slice(2);
const lake = await openLake({ folder });
process.stdout.write('open\n');
await ingestLogs(lake, {
  paths: [path],
  sources: testSources,
  onProgress: ({ bytesDone, bytesTotal }) => process.stdout.write(`${bytesDone / bytesTotal}\n`),
});
await lake.close();
process.stdout.write('done\n');
