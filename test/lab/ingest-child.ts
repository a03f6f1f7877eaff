/**
 * An ingest in a process of its own, for tests that kill it: says on stdout how far it is. With a number it kills itself
 * before the write of that number.
 */
import { ingestLogs, openLake } from '../../src/lake/index.ts';
import { testSources } from './log-source.ts';

const [folder = '', path = '', write] = process.argv.slice(2);
const lake = await openLake({ folder });
let writes = 0;
const killed = new Set<PropertyKey>(['insert', 'erase', 'run']);
const watched = new Proxy(lake, {
  get: (target, name) => {
    if (killed.has(name) && ++writes === Number(write)) process.kill(process.pid, 'SIGKILL');
    return Reflect.get(target, name);
  },
});
process.stdout.write('open\n');
await ingestLogs(watched, {
  paths: [path],
  sources: testSources,
  onProgress: ({ bytesDone, bytesTotal }) => process.stdout.write(`${bytesDone / bytesTotal}\n`),
});
await lake.close();
process.stdout.write('done\n');
