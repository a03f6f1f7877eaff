/**
 * A worker that examines hosts, in a process of its own, so that a test can kill it: opens the lab of its parent,
 * starts or continues one collection, waits for it, prints how it ended. FIREBREAK_FAULT says where it is to be killed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCollection, readProgress, resumeCollection } from '../../src/domain/forensics/index.ts';
import { parseFaults } from '../../src/engine/index.ts';
import { type Lake, openLake } from '../../src/lake/index.ts';
import { openDomainLabOn } from './domain.ts';

const { LAB_URL: url, LAB_FOLDER: folder, LAB_COLLECTION: id } = process.env;
if (!url || !folder || !id) throw new Error('LAB_URL, LAB_FOLDER and LAB_COLLECTION must be set');

const lab = await openDomainLabOn({
  url,
  folder,
  config: await readFile(join(folder, 'firebreak.yaml'), 'utf8'),
});
let lake: Promise<Lake> | undefined;
const open = () => {
  lake ??= openLake({ folder: join(folder, 'lake') });
  return lake;
};
const engine = await lab.startEngine(parseFaults(process.env.FIREBREAK_FAULT), open);
await resumeCollection(lab.context, engine, id);
const { run } = await getCollection(lab.context.db, id);
await engine.result(`${id}/${run}`);
process.stdout.write(JSON.stringify(await readProgress(lab.context.db, id, new Date())));
await lab.close();
await (await lake)?.close();
