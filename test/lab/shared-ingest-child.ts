/** An ingest by a process of its own into a store and a lake that others use too: says when it begins, and what came of it. */
import { ingestIntoLake } from '../../src/domain/hunt/index.ts';
import { openLake } from '../../src/lake/index.ts';
import { openDomainLabOn } from './domain.ts';
import { testSources } from './log-source.ts';

const { LAB_URL: url, LAB_FOLDER: folder, LAB_LAKE: lakeUrl, LAB_INCIDENT: incidentId } = process.env;
if (!url || !folder || !lakeUrl || !incidentId)
  throw new Error('LAB_URL, LAB_FOLDER, LAB_LAKE and LAB_INCIDENT must be set');

const lab = await openDomainLabOn({
  url,
  folder,
  config: 'firebreak: 1\norganisation: Test\nenvironments: []\nsuppliers: []\nsystems: []\n',
});
const lake = await openLake({ url: lakeUrl });
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const report = await ingestIntoLake(
  { ...lab.context, lake: async () => lake },
  {
    incidentId,
    paths: process.argv.slice(2),
    sources: testSources,
  },
);
const files = report.files.map(({ state, events, grownFrom }) => ({
  state,
  events,
  grown: grownFrom !== null,
}));
process.stdout.write(`${JSON.stringify({ files, failed: report.failed })}\n`);
process.stdin.destroy();
await lake.close();
await lab.close();
