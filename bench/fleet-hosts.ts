/**
 * The hosts of bench/fleet.ts, in a process of their own so that their memory is not counted: a server that answers
 * the collector at every address as a host of some role would, and runs nothing.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { answerCollector, type Sections } from '../src/replay/fleet/answer.ts';
import { castFleet } from '../src/replay/fleet/cast.ts';
import { machineIdOf, sectionsOf } from '../src/replay/fleet/siblings.ts';
import { startStandIn } from '../src/replay/fleet/stand-in.ts';

const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-fleet-'));
const identity = join(folder, 'id');
const key = ssh2.utils.generateKeyPairSync('ed25519');
await writeFile(identity, key.private, { mode: 0o600 });

const nowSeconds = Math.floor(Date.now() / 1_000);
/** What a host of each role shows. They are made once, so that the server costs as little as it can. */
const models = castFleet(500)
  .filter(({ kind }) => kind === 'stand-in')
  .map((host) => {
    const boot = { id: machineIdOf(host), at: nowSeconds - 86_400 };
    return sectionsOf(host, boot, nowSeconds);
  });

/** One of the models, with an identity and some values of its own. */
function sectionsAt(address: string): Sections {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const sections = new Map(models[number % models.length]);
  const id = createHash('md5').update(address).digest('hex');
  const own: Readonly<Record<string, string>> = { hostname: address, machine_id: id, boot_id: id };
  const records = sections.get('identity') ?? [];
  sections.set(
    'identity',
    records.map(([tag = '', ...fields]) => (own[tag] === undefined ? [tag, ...fields] : [tag, own[tag]])),
  );
  return sections;
}

const standIn = await startStandIn({
  authorizedKeys: [key.public],
  answer: ({ address, script }) => ({
    output: answerCollector(script, sectionsAt(address), nowSeconds) ?? '',
  }),
});
const known = join(folder, 'known_hosts');
await writeFile(known, `[127.*]:${standIn.port} ${standIn.hostKey}\n`);
process.stdout.write(`${JSON.stringify({ port: standIn.port, identity, known, folder })}\n`);
