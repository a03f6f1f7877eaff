/**
 * The structured log: JSON lines on stderr. Silent below `warn` unless DEBUG names the module
 * (`DEBUG=rotation,store` or `DEBUG=*`). Whatever looks like a secret is redacted before it is written.
 */
import pino from 'pino';
import { Secret } from './secret.ts';

export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

const secretName =
  /pass(word|wd|phrase)?$|secret|token|authorization|cookie|private_?key|api_?key|credential_?value/i;
const urlUserInfo = /([a-z][a-z0-9+.-]*:\/\/)[^/\s:@]*:[^/\s@]*@/gi;

/** A copy of `value` with secrets replaced: by type, by the name of the field, and inside URLs. */
export function redact(value: unknown, depth = 0): unknown {
  if (value instanceof Secret) return '[secret]';
  if (typeof value === 'string') return value.replace(urlUserInfo, '$1[secret]@');
  if (value === null || typeof value !== 'object') return value;
  if (depth > 6) return '[deep]';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value))
    copy[name] = typeof item === 'string' && secretName.test(name) ? '[secret]' : redact(item, depth + 1);
  return copy;
}

function redactError(error: Error, depth: number): object {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    code,
    message: redact(message),
    stack: redact(stack ?? ''),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
  };
}

function wantsDebug(module: string): boolean {
  const names = (process.env.DEBUG ?? '').split(',').map((name) => name.trim());
  return names.includes('*') || names.includes(module);
}

const root = pino(
  {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (facts) => redact(facts) as Record<string, unknown>, level: (level) => ({ level }) },
  },
  pino.destination({ fd: 2, sync: true }),
);

/** The log of one module. */
export function logger(module: string): Log {
  return root.child({ module }, { level: wantsDebug(module) ? 'debug' : 'warn' });
}
