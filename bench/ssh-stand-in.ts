/** The many hosts of bench/ssh.ts, in a process of their own so that their memory is not counted. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { startStandIn } from '../src/replay/fleet/stand-in.ts';

const identity = join(await mkdtemp(join(tmpdir(), 'firebreak-bench-ssh-')), 'id');
const key = ssh2.utils.generateKeyPairSync('ed25519');
await writeFile(identity, key.private, { mode: 0o600 });
const output = Array.from({ length: 22 }, (_none, index) => `fact ${index}\n`).join('');
const standIn = await startStandIn({ authorizedKeys: [key.public], answer: () => ({ output }) });
process.stdout.write(`${JSON.stringify({ port: standIn.port, identity, hostKey: standIn.hostKey })}\n`);
