/** An OpenSSH server for the tests of the transport: keys of its own, one or more host keys, hosts by address. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { logger } from '../../src/kernel/log.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { readSecret } from '../../src/kernel/reference.ts';
import { makeKey, type Sshd, type SshdOptions, startSshd } from '../../src/replay/fleet/sshd.ts';
import { type Fleet, type FleetPorts, FleetSettings, openFleet } from '../../src/ssh/index.ts';
import type { RunOutcome, SshHost, SshTask } from '../../src/ssh/types.ts';

export interface TargetSshd extends Sshd {
  folder: string;
  /** The private key that may sign in. */
  identity: string;
  /** Its public half, as a line. */
  publicKey: string;
  /** A known_hosts text that knows all addresses of it. */
  knownHosts: string;
  close(): Promise<void>;
}

/** Starts it in a temporary folder, or says why it can't. */
export async function startTargetSshd(
  options: Omit<SshdOptions, 'folder' | 'authorizedKeys'> & {
    authorizedKeys?: readonly string[];
    /** `prepare` that needs to know the folder. */
    prepareIn?(folder: string): string;
  } = {},
): Promise<TargetSshd | { missing: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-target-sshd-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const identity = join(folder, 'id');
  try {
    const publicKey = await makeKey(identity);
    const authorizedKeys = [publicKey, ...(options.authorizedKeys ?? [])];
    const { prepareIn, ...rest } = options;
    const prepare = prepareIn ? { prepare: prepareIn(folder) } : {};
    const server = await startSshd({ ...rest, ...prepare, folder, authorizedKeys });
    if ('missing' in server) {
      await remove();
      return server;
    }
    return {
      ...server,
      folder,
      identity,
      publicKey,
      knownHosts: server.hostKeys.map((line) => `[127.*]:${server.port} ${line}\n`).join(''),
      close: async () => {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

export const isMissing = <T>(server: T | { missing: string }): server is { missing: string } =>
  typeof server === 'object' && server !== null && 'missing' in server;

/** A fleet with the system's own ports. */
export function openTestFleet(settings: object, ports: Partial<FleetPorts> = {}): Promise<Fleet> {
  return openFleet(FleetSettings.parse(settings), {
    clock: systemClock,
    random: systemRandom,
    log: logger('ssh'),
    resolveSecret: readSecret,
    ...ports,
  });
}

/** Runs a script and gathers what it prints. */
export async function runOn(
  fleet: Fleet,
  host: SshHost,
  script: string,
  options: Partial<SshTask> = {},
): Promise<{ outcome: RunOutcome; output: string; errors: string }> {
  const chunks: Buffer[] = [];
  let errors = '';
  const outcome = await fleet.run(host, {
    script,
    outputBytesMax: 1024 * 1024,
    msMax: 30_000,
    onOutput: (chunk) => chunks.push(chunk),
    onErrorOutput: (text) => {
      errors = text;
    },
    ...options,
  });
  return { outcome, output: Buffer.concat(chunks).toString(), errors };
}

/** The line of the .pub file beside a private key. */
export const publicLine = async (file: string): Promise<string> =>
  (await readFile(`${file}.pub`, 'utf8')).trim();
