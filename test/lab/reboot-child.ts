/**
 * A worker in a process of its own, so that a test can kill it: opens the lab of its parent, applies one reboot plan,
 * waits for it, prints how it ended. FIREBREAK_FAULT says where it is to be killed.
 */
import { readFile } from 'node:fs/promises';
import { applyReboot, getRebootPlan, readRebootProgress } from '../../src/domain/reboot/index.ts';
import { parseFaults } from '../../src/engine/index.ts';
import { openDomainLabOn } from './domain.ts';

const { LAB_URL: url, LAB_FOLDER: folder, LAB_PLAN: plan } = process.env;
if (!url || !folder || !plan) throw new Error('LAB_URL, LAB_FOLDER and LAB_PLAN must be set');

const config = await readFile(`${folder}/firebreak.yaml`, 'utf8');
const lab = await openDomainLabOn({ url, folder, config });
const engine = await lab.startEngine(parseFaults(process.env.FIREBREAK_FAULT));
await applyReboot(lab.context, engine, plan);
const { run } = await getRebootPlan(lab.context.db, plan);
await engine.result(`${plan}/${run}`);
process.stdout.write(JSON.stringify(await readRebootProgress(lab.context.db, plan)));
await lab.close();
