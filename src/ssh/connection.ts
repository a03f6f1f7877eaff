/**
 * One SSH connection, from a socket to being signed in: host key judged, keys tried, each phase within its time
 * and within the bytes that it may cost. Whatever the other side sends, this ends, and in one of three ways.
 */
import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { messageOf } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { acceptHostCertificates, offerUserCertificates } from './certificates-for-ssh2.ts';
import { fromHandshakeError, type Unreachable, unreachable } from './failures.ts';
import type { KeyVerdict } from './judge-host-key.ts';
import type { KeyRing } from './key-ring.ts';
import type { HostKeySeen, RunOutcome } from './types.ts';

export type Refused = Extract<RunOutcome, { state: 'refused' }>;

export interface Connection {
  state: 'connected';
  client: Client;
  hostKey: HostKeySeen;
  /** Bytes that the other side has sent. */
  received(): number;
  /** Called once when it ends by itself, with what is known of why. */
  onEnd(act: (why: string) => void): void;
  /** Ends it at once. */
  close(): void;
}

export interface ConnectionPlan {
  user: string;
  keys: KeyRing;
  /** Key algorithms that are known for the host, to be asked for first. */
  knownAlgorithms: readonly string[];
  hostCertificates: boolean;
  judge(blob: Buffer): Promise<KeyVerdict>;
  handshakeMs: number;
  authenticationMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Elliptic curves, and one group for those without: a server can't make us compute for long. P-256 is first because
 * OpenSSH computes it a tenth of a connection faster than curve25519; hosts without it use the next.
 */
const kex = [
  'ecdh-sha2-nistp256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
] as const;

const hostKeys = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** Signs in over the socket; the socket is ours from here on, and closed when this fails. */
export function openConnection(
  socket: Duplex,
  plan: ConnectionPlan,
): Promise<Connection | Refused | Unreachable> {
  return new Promise((resolve) => new Opening(socket, plan, resolve).begin());
}

class Opening {
  readonly #client = new ssh2.Client();
  readonly #socket: Duplex;
  readonly #plan: ConnectionPlan;
  readonly #settle: (result: Connection | Refused | Unreachable) => void;
  #state: 'opening' | 'connected' | 'ended' = 'opening';
  #timer: NodeJS.Timeout | undefined;
  #received = 0;
  #verdict: KeyVerdict | undefined;
  #why = '';
  #onEnd: ((why: string) => void) | undefined;

  constructor(
    socket: Duplex,
    plan: ConnectionPlan,
    settle: (result: Connection | Refused | Unreachable) => void,
  ) {
    this.#socket = socket;
    this.#plan = plan;
    this.#settle = settle;
  }

  begin(): void {
    const { user, handshakeMs, authenticationMs, signal } = this.#plan;
    const client = this.#client;
    client.on('error', (error) => this.#failed(error));
    client.on('handshake', () => {
      // A new key exchange later on is one more of these.
      if (this.#state === 'opening')
        this.#within(authenticationMs, () => this.#notSignedIn('not signed in', authenticationMs));
    });
    client.on('ready', () => this.#ready());
    client.on('close', () => this.#closed());
    this.#within(handshakeMs, () =>
      this.#fail(unreachable('timeout', `no handshake within ${handshakeMs} ms`)),
    );
    signal?.addEventListener('abort', this.#aborted, { once: true });
    if (signal?.aborted) this.#aborted();
    if (this.#state === 'ended') return;
    try {
      client.connect({
        sock: this.#socket,
        username: user,
        ident: 'firebreak',
        readyTimeout: 0,
        keepaliveInterval: limits.sshKeepAliveMs,
        keepaliveCountMax: limits.sshKeepAliveCountMax,
        authHandler: this.#authenticate(),
        hostVerifier: (blob: Buffer, answer: (yes: boolean) => void) => void this.#judge(blob, answer),
        algorithms: { kex: [...kex], serverHostKey: this.#hostKeyOrder(), compress: ['none'] },
      });
      if (this.#plan.hostCertificates) acceptHostCertificates(client);
      offerUserCertificates(client, (key) => this.#plan.keys.certificateOf(key));
      this.#socket.on('data', (chunk: Buffer) => this.#count(chunk.length));
    } catch (error) {
      this.#fail(unreachable('handshake', messageOf(error)));
    }
  }

  /** The known algorithms first, so that a host with several keys shows the one that we know. */
  #hostKeyOrder(): (typeof hostKeys)[number][] {
    const isKnown = (name: string) =>
      this.#plan.knownAlgorithms.includes(name) ||
      (name.startsWith('rsa-') && this.#plan.knownAlgorithms.includes('ssh-rsa'));
    return [...hostKeys].sort((a, b) => Number(isKnown(b)) - Number(isKnown(a)));
  }

  #authenticate(): ssh2.AuthHandlerMiddleware {
    let asked = 0;
    return (_left, _partial, next) => {
      asked++;
      const { user: username, keys } = this.#plan;
      if (asked === 1 && keys.size > 0) next({ type: 'agent', username, agent: keys });
      else if (asked === 1) next({ type: 'none', username });
      else (next as unknown as (end: false) => void)(false);
    };
  }

  async #judge(blob: Buffer, answer: (yes: boolean) => void): Promise<void> {
    let verdict: KeyVerdict;
    try {
      verdict = await this.#plan.judge(Buffer.from(blob));
    } catch (error) {
      verdict = {
        trust: 'no',
        code: 'host-key-unknown',
        why: `its key could not be judged: ${messageOf(error)}`,
      };
    }
    if (this.#state === 'ended') return;
    this.#verdict = verdict;
    try {
      answer(verdict.trust === 'yes');
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #count(bytes: number): void {
    this.#received += bytes;
    if (this.#state === 'opening' && this.#received > limits.sshHandshakeBytesMax)
      this.#fail(
        unreachable('handshake', `more than ${limits.sshHandshakeBytesMax} bytes before signing in`),
      );
  }

  #failed(error: Error): void {
    const { level } = error as { level?: string };
    if (level === 'agent') return;
    this.#why ||= error.message;
    if (this.#state !== 'opening') {
      this.#end();
    } else if (this.#verdict?.trust === 'no') {
      const { code, why, fact } = this.#verdict;
      this.#fail({ state: 'refused', code, why, ...(fact && { fact }) });
    } else if (level === 'client-authentication') {
      this.#notSignedIn('no key was accepted');
    } else if (
      this.#verdict?.trust === 'yes' &&
      !['client-socket', 'handshake', 'protocol'].includes(level ?? '')
    ) {
      // A server that has had enough of wrong keys says so by leaving.
      this.#notSignedIn(error.message);
    } else {
      this.#fail(fromHandshakeError(error));
    }
  }

  #notSignedIn(why: string, ms?: number): void {
    const { user, keys } = this.#plan;
    if (ms !== undefined) this.#fail(unreachable('timeout', `${why} as ${user} within ${ms} ms`));
    else
      this.#fail({ state: 'refused', code: 'authentication', why: `${user}: ${why} (${keys.size} tried)` });
  }

  #ready(): void {
    if (this.#state !== 'opening' || this.#verdict?.trust !== 'yes') return;
    this.#state = 'connected';
    this.#clear();
    this.#settle({
      state: 'connected',
      client: this.#client,
      hostKey: this.#verdict.seen,
      received: () => this.#received,
      onEnd: (act) => {
        if (this.#state === 'ended') act(this.#why || 'the connection ended');
        else this.#onEnd = act;
      },
      close: () => this.#end(),
    });
  }

  #closed(): void {
    if (this.#state === 'opening')
      this.#failed(
        Object.assign(new Error(this.#why || 'Connection lost before handshake'), { level: 'protocol' }),
      );
    else this.#end();
  }

  readonly #aborted = (): void => this.#fail(unreachable('timeout', 'given up'));

  #within(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#plan.signal?.removeEventListener('abort', this.#aborted);
  }

  #fail(result: Refused | Unreachable): void {
    if (this.#state !== 'opening') return;
    this.#end();
    this.#settle(result);
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#clear();
    try {
      this.#client.end();
    } catch {
      // It never came so far that there were something to end.
    }
    this.#socket.destroy();
    this.#onEnd?.(this.#why || 'the connection ended');
  }
}
