/**
 * With what to sign in: certificates first, then private keys, then the keys of the agent. ssh2 asks it as if it
 * were an agent, so that there is one order and one place that signs. Keys stay in memory for as long as the
 * fleet is open and are never written or logged.
 */
import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import type { Log } from '../kernel/log.ts';
import { describeRef } from '../kernel/reference.ts';
import type { Secret } from '../kernel/secret.ts';
import { readUserCertificate } from './certificates-for-ssh2.ts';
import type { FleetSettings } from './settings.ts';
import type { FleetPorts } from './types.ts';

interface RingKey {
  key: ParsedKey;
  certificate?: Buffer;
  /** The agent that holds the private half. */
  agent?: ssh2.OpenSSHAgent;
}

type SignCallback = (error?: Error | null, signature?: Buffer) => void;

export class KeyRing extends ssh2.BaseAgent<ParsedKey> {
  readonly #keys: readonly RingKey[];
  readonly #log: Log;

  constructor(keys: readonly RingKey[], log: Log) {
    super();
    this.#keys = keys;
    this.#log = log;
  }

  get size(): number {
    return this.#keys.length;
  }

  certificateOf(key: ParsedKey): Buffer | undefined {
    return this.#keys.find((one) => one.key === key)?.certificate;
  }

  /** The ring with more keys, which are tried first. */
  with(keys: readonly RingKey[]): KeyRing {
    return keys.length === 0
      ? this
      : new KeyRing([...keys, ...this.#keys].slice(0, limits.sshIdentitiesMax), this.#log);
  }

  override getIdentities(done: (error: Error | null, keys?: ParsedKey[]) => void): void {
    done(
      null,
      this.#keys.map(({ key }) => key),
    );
  }

  override sign(key: ParsedKey, data: Buffer, options: unknown, callback?: SignCallback): void {
    const done = (typeof options === 'function' ? options : callback) as SignCallback;
    const hash = (typeof options === 'object' && (options as { hash?: string } | null)?.hash) || undefined;
    const held = this.#keys.find((one) => one.key === key);
    if (held?.agent) {
      held.agent.sign(key, data, hash ? ({ hash } as ssh2.SigningRequestOptions) : {}, (error, signature) => {
        try {
          done(error, signature);
        } catch (cause) {
          // It comes from the agent's socket, where nobody catches it: the host is not signed in to, and times out.
          this.#log.debug({ cause }, 'a signature of the agent could not be used');
        }
      });
      return;
    }
    const signature = key.sign(data, hash) as Buffer | Error;
    if (signature instanceof Error) done(signature);
    else done(null, signature);
  }
}

/** Reads what the settings name. Throws unavailable or bad_input when a key or certificate can't be used. */
export async function openKeyRing(
  settings: FleetSettings,
  { resolveSecret, log }: Pick<FleetPorts, 'resolveSecret' | 'log'>,
): Promise<KeyRing> {
  const own: { text: Secret; passphrase?: Secret; place: string }[] = [];
  for (const { key, passphrase } of settings.identities)
    own.push({
      text: await resolveSecret(key),
      ...(passphrase && { passphrase: await resolveSecret(passphrase) }),
      place: describeRef(key),
    });
  const parse = (one: (typeof own)[number]) =>
    parsePrivate(one.text.reveal(), one.passphrase?.reveal(), one.place);
  const held = settings.agent ? await agentKeys() : [];
  const plain: RingKey[] = own.map((one) => ({ key: parse(one) }));
  const certified: RingKey[] = [];
  for (const file of settings.certificates) {
    const { blob, key } = await readCertificateFile(file);
    const index = plain.findIndex((one) => one.key.getPublicSSH().equals(key));
    const source = own[index];
    const byAgent = held.find((one) => one.key.getPublicSSH().equals(key));
    if (source) certified.push({ key: parse(source), certificate: blob });
    else if (byAgent) certified.push({ ...byAgent, key: publicCopy(byAgent.key), certificate: blob });
    else
      throw new FirebreakError(
        'bad_input',
        `${file}: neither fleet.ssh.identities nor the agent has its private key`,
      );
  }
  return new KeyRing([...certified, ...plain, ...held].slice(0, limits.sshIdentitiesMax), log);
}

/** The keys that ssh_config names for a host; as for OpenSSH, one that is not there or has a passphrase is passed over. */
export async function readKeyFiles(
  files: readonly string[],
  certificates: readonly string[],
): Promise<RingKey[]> {
  const plain: { key: ParsedKey; text: string }[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const key = text ? ssh2.utils.parseKey(text) : undefined;
    const first = Array.isArray(key) ? key[0] : key;
    if (first && !(first instanceof Error) && first.isPrivateKey()) plain.push({ key: first, text });
  }
  const certified: RingKey[] = [];
  for (const file of [...certificates, ...files.map((one) => `${one}-cert.pub`)]) {
    const found = await readCertificateFile(file).catch(() => undefined);
    const owner = found && plain.find(({ key }) => key.getPublicSSH().equals(found.key));
    if (found && owner)
      certified.push({ key: parsePrivate(owner.text, undefined, file), certificate: found.blob });
  }
  return [...certified, ...plain.map(({ key }) => ({ key }))];
}

function parsePrivate(text: string, passphrase: string | undefined, place: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key || key instanceof Error || !key.isPrivateKey()) {
    const why = key instanceof Error ? key.message : 'it holds no private key';
    throw new FirebreakError('bad_input', `${place} is no private key that can be used: ${why}`);
  }
  return key;
}

async function readCertificateFile(file: string): Promise<{ blob: Buffer; key: Buffer }> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't read ${file}: ${messageOf(cause)}`, { cause });
  });
  try {
    return readUserCertificate(text);
  } catch (cause) {
    throw new FirebreakError('bad_input', `${file} is no user certificate: ${messageOf(cause)}`, { cause });
  }
}

async function agentKeys(): Promise<RingKey[]> {
  const path = process.env.SSH_AUTH_SOCK;
  if (!path)
    throw new FirebreakError('unavailable', 'fleet.ssh.agent is on, but SSH_AUTH_SOCK names no agent');
  const agent = new ssh2.OpenSSHAgent(path);
  const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
    agent.getIdentities((error, found) => {
      if (error)
        reject(new FirebreakError('unavailable', `the agent at ${path} does not answer: ${error.message}`));
      else resolve((found ?? []) as ParsedKey[]);
    });
  });
  return keys.map((key) => ({ key, agent }));
}

/** A second object for the same public key: the certificate is looked up by the object that ssh2 tries. */
function publicCopy(key: ParsedKey): ParsedKey {
  const copy = ssh2.utils.parseKey(`${key.type} ${key.getPublicSSH().toString('base64')}`);
  if (copy instanceof Error)
    throw new FirebreakError('bad_input', `a key of the agent can't be used: ${copy.message}`);
  return Array.isArray(copy) ? (copy[0] as ParsedKey) : copy;
}
