/**
 * Deliver: put each replacement where its consumer reads it. Members that share a file are written together,
 * so that no writer undoes another.
 */
import { assert, messageOf } from '../../../kernel/errors.ts';
import type { Secret } from '../../../kernel/secret.ts';
import { updateEnvFile } from '../delivery/env-file.ts';
import { handOffPath, writeHandOff } from '../delivery/hand-off.ts';
import { type Kit, sealPlace, type Work } from '../kit.ts';
import { failed, type StageDefinition, type StageResult } from './stage.ts';

export const deliver: StageDefinition = {
  name: 'deliver',
  from: 'issued',
  to: 'delivered',
  needs: ['overlap', 'swap'],
  async actTogether(works, kit) {
    const results = new Map<number, StageResult>();
    for (const [destination, group] of groupByDestination(works)) {
      const result = await deliverGroup(destination, group, kit).catch(
        (error: unknown): StageResult =>
          failed(
            'not-delivered',
            `the replacement is in force and sealed here, but could not be delivered: ${messageOf(error)}`,
          ),
      );
      for (const work of group) results.set(work.member.ordinal, result);
    }
    return works.map((work) => results.get(work.member.ordinal) ?? failed('not-delivered', 'no destination'));
  },
};

/** `env-file:PATH` or `hand-off:OWNER`. */
function destinationOf({ member }: Work): string {
  return member.delivery?.kind === 'env-file'
    ? `env-file:${member.delivery.path}`
    : `hand-off:${member.owner ?? ''}`;
}

function groupByDestination(works: Work[]): Map<string, Work[]> {
  const groups = new Map<string, Work[]>();
  for (const work of works) {
    const group = groups.get(destinationOf(work));
    if (group) group.push(work);
    else groups.set(destinationOf(work), [work]);
  }
  return groups;
}

async function deliverGroup(destination: string, group: Work[], kit: Kit): Promise<StageResult> {
  const secrets = await Promise.all(group.map((work) => openNew(work, kit)));
  if (destination.startsWith('env-file:')) {
    const file = destination.slice('env-file:'.length);
    const values = new Map(group.map((work, index) => [keyOf(work), secrets[index] as Secret]));
    await updateEnvFile(file, values);
    return { ok: true, note: { file } };
  }
  const owner = kit.systems.config.owners.find((known) => `hand-off:${known.name}` === destination);
  if (!owner || owner.recipients.length === 0)
    return failed(
      'no-recipient',
      `owner ${destination.slice(9) || '(none)'} has no age recipient in firebreak.yaml`,
    );
  const file = handOffPath(
    kit.systems.config.policy.handOffFolder,
    owner.name,
    group.map((work) => work.member),
  );
  const items = group.map((work, index) => ({
    ref: work.member.ref,
    system: work.member.system,
    name: work.member.replacement?.name ?? work.member.name,
    secret: secrets[index] as Secret,
  }));
  await writeHandOff(file, owner.recipients, items);
  return { ok: true, note: { file } };
}

function keyOf({ member }: Work): string {
  assert(member.delivery?.kind === 'env-file', 'only members for this file are in its group');
  return member.delivery.key;
}

async function openNew({ member }: Work, kit: Kit): Promise<Secret> {
  assert(member.sealedNew, 'a replacement is issued before it is delivered');
  return kit.context.sealer.open(member.sealedNew, sealPlace(member, 'new'));
}
