/** Errors of the network and of ssh2 as the closed codes of an outcome, in words without the host's own control characters. */
import { printable } from '../kernel/text.ts';
import type { UnreachableCode } from './types.ts';

export type Unreachable = { state: 'unreachable'; code: UnreachableCode; why: string };

const codes: Readonly<Record<string, UnreachableCode>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  EHOSTDOWN: 'no-route',
  ENETDOWN: 'no-route',
  EACCES: 'no-route',
  EINVAL: 'no-route',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  EMFILE: 'local',
  ENFILE: 'local',
  ENOBUFS: 'local',
  EADDRNOTAVAIL: 'local',
};

const words: Readonly<Record<UnreachableCode, string>> = {
  refused: 'nothing listens there',
  timeout: 'no answer in time',
  dns: 'the name does not resolve',
  'no-route': 'no way to this address',
  reset: 'the connection was cut',
  'not-ssh': 'what answers there does not speak SSH',
  handshake: 'no common way to speak SSH',
  jump: 'the jump host could not be used',
  local: 'this machine has no files or ports left for it',
};

export const unreachable = (code: UnreachableCode, detail = ''): Unreachable => ({
  state: 'unreachable',
  code,
  why: detail ? `${words[code]}: ${printable(detail, 300)}` : words[code],
});

/** What a failed TCP connection means. */
export function fromSocketError(error: unknown): Unreachable {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = String((first as { code?: unknown } | undefined)?.code ?? '');
  const detail = first instanceof Error ? first.message : String(first);
  return unreachable(codes[code] ?? 'reset', detail);
}

/** What an error of ssh2 means that came before we were signed in. */
export function fromHandshakeError(error: Error): Unreachable {
  const { level, code } = error as { level?: string; code?: unknown };
  if (level === 'client-socket' || typeof code === 'string') return fromSocketError(error);
  if (/header|identification|greeting|before handshake/i.test(error.message))
    return unreachable(/before handshake/i.test(error.message) ? 'reset' : 'not-ssh', error.message);
  return unreachable('handshake', error.message);
}

/** What a jump host says of a connection that it could not open; its words are sshd's. */
export function fromForwardError(error: Error): Unreachable {
  const { message } = error;
  if (/refused/i.test(message)) return unreachable('refused', message);
  if (/timed out|timeout/i.test(message)) return unreachable('timeout', message);
  if (/no route|unreachable/i.test(message)) return unreachable('no-route', message);
  if (/resol|name or service|not known/i.test(message)) return unreachable('dns', message);
  return unreachable('jump', message);
}
