/** Runs one campaign over everything in a system, through the domain as `rotate apply` does, and times it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { loadShipped } from '../src/domain/advisory/index.ts';
import { exposeAsPrecaution } from '../src/domain/exposure/index.ts';
import { openIncident } from '../src/domain/incident/index.ts';
import { discoverSystem } from '../src/domain/inventory/index.ts';
import { applyPlan, approvePlan, planRotation, readProgress } from '../src/domain/rotation/index.ts';
import { type DomainLab, openDomainLab } from '../test/lab/domain.ts';

interface CampaignTime {
  credentials: number;
  seconds: number;
  perSecond: number;
}

/** `system` is the entry of firebreak.yaml; `secrets` are the present passwords by name. Replacements are handed off sealed. */
export async function timeCampaign(
  system: object,
  secrets: ReadonlyMap<string, string>,
): Promise<CampaignTime> {
  const lab = await openDomainLab(async (folder) => {
    await mkdir(join(folder, 'secrets'));
    for (const [name, secret] of secrets) await writeFile(join(folder, 'secrets', name), secret);
    const owner = { name: 'team', recipients: [await identityToRecipient(await generateX25519Identity())] };
    const entry = {
      ...system,
      name: 'target',
      environment: 'production',
      owner: 'team',
      oldSecret: { file: 'secrets/{name}' },
    };
    const policy = { waves: { canary: 16, size: 2_500 } };
    return JSON.stringify({
      firebreak: 1,
      organisation: 'Bench',
      environments: [{ name: 'production' }],
      owners: [owner],
      systems: [entry],
      policy,
    });
  });
  try {
    return await run(lab, [...secrets.keys()]);
  } finally {
    await lab.close();
  }
}

async function run(lab: DomainLab, names: string[]): Promise<CampaignTime> {
  const { context, systems } = lab;
  await discoverSystem(context, systems, 'target', new AbortController().signal);
  await context.db.deleteFrom('credential_claim').execute();
  await context.db.deleteFrom('credential').where('name', 'not in', names).execute();
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the Okta advisory is not shipped');
  const { incident } = await openIncident(context, advisory);
  await exposeAsPrecaution(context, incident.id, advisory, {
    scope: { environment: 'production' },
    reason: 'bench',
  });
  const engine = await lab.startEngine();
  const plan = await planRotation(context, systems, incident.id);
  await approvePlan(context, plan.id, 'bench');
  const startedAt = performance.now();
  await applyPlan(context, engine, plan.id);
  await engine.result(`${plan.id}/1`);
  const seconds = (performance.now() - startedAt) / 1_000;
  const progress = await readProgress(context.db, plan.id);
  if (progress.done !== names.length)
    throw new Error(
      `only ${progress.done} of ${names.length} were proven dead: the figure would mean nothing`,
    );
  return { credentials: progress.done, seconds, perSecond: progress.done / seconds };
}
