/** Requests to the application: templates filled in, secrets presented, answers read within bounds. */
import { messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Secret } from '../../kernel/secret.ts';
import { bounded, networkReason } from '../calls.ts';
import type { IndeterminateReason } from '../contract.ts';
import type { HttpConfig, Present, Request } from './schema.ts';

/** A request that could not be made, or an answer that could not be read. Its text holds no part of either. */
export class HttpFault extends Error {
  readonly reason: IndeterminateReason;

  constructor(reason: IndeterminateReason, message: string) {
    super(message);
    this.name = 'HttpFault';
    this.reason = reason;
  }
}

/** The request needs something that is not known of this credential. */
export class UnknownVariable extends HttpFault {
  constructor(name: string) {
    super('protocol', `nothing is known of {${name}} for this credential`);
  }
}

export interface Reply {
  status: number;
  /** The parsed body when the application says that it is JSON and it is. */
  json: unknown;
  isJson: boolean;
  date: string | undefined;
}

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Shown {
  by: Present;
  secret: Secret;
  /** The user of `basic`. */
  user: string;
}

/** Fills a request in, sends it, and reads the answer. Throws HttpFault or CallStopped. */
export async function send(
  config: HttpConfig,
  transport: typeof fetch,
  request: Request,
  options: { variables: Variables; shown?: Shown; signal: AbortSignal },
): Promise<Reply> {
  const { variables, shown, signal } = options;
  const url = config.baseUrl.replace(/\/$/, '') + fill(request.path, variables, encodeURIComponent);
  const body = encodeBody(request, { ...variables, secret: shown?.secret.reveal() });
  const headers = { ...request.headers, ...body?.headers, ...(shown ? present(shown) : {}) };
  const stop = new AbortController();
  const act = async (): Promise<Reply> => {
    const response = await transport(url, {
      method: request.method,
      // A connection of its own: one from a pool may have been closed by the other side meanwhile.
      headers: { accept: 'application/json', connection: 'close', ...headers },
      redirect: 'manual',
      signal: stop.signal,
      ...(body ? { body: body.text } : {}),
    });
    return readReply(response);
  };
  try {
    return await bounded(signal, act, () => stop.abort());
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    // fetch hides what happened in the cause, and names rejected header values in its own messages.
    const reason = networkReason(error);
    if (reason) throw new HttpFault(reason, `${reason}: ${networkMessage(error)}`);
    throw new HttpFault('protocol', 'the request could not be made or its answer does not fit HTTP');
  }
}

function networkMessage(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause);
}

/** Replaces `{variable}`. Throws when one is not known. */
function fill(template: string, variables: Variables, encode: (value: string) => string): string {
  return template.replace(/\{([A-Za-z][\w.-]*)\}/g, (_match, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new UnknownVariable(name);
    return encode(value);
  });
}

function encodeBody(request: Request, variables: Variables) {
  const asIs = (value: string) => value;
  if (request.form) {
    const pairs = Object.entries(request.form).map(([name, value]): [string, string] => [
      name,
      fill(value, variables, asIs),
    ]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { headers, text: new URLSearchParams(pairs).toString() };
  }
  if (request.json === undefined) return undefined;
  const text = JSON.stringify(request.json, (_name, value: unknown) =>
    typeof value === 'string' ? fill(value, variables, asIs) : value,
  );
  return { headers: { 'content-type': 'application/json' }, text };
}

function present({ by, secret, user }: Shown): Record<string, string> {
  const value = secret.reveal();
  // What may not stand in a header must not reach fetch, whose error would quote it.
  const allowed =
    typeof by === 'object' && 'cookie' in by
      ? /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/
      : /^[\x21-\x7e]+$/;
  if (by !== 'basic' && !allowed.test(value))
    throw new HttpFault('protocol', 'the secret has characters that cannot be presented');
  if (by === 'bearer') return { authorization: `Bearer ${value}` };
  if (by === 'basic') return { authorization: `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}` };
  return 'header' in by ? { [by.header]: value } : { cookie: `${by.cookie}=${value}` };
}

async function readReply(response: Response): Promise<Reply> {
  const text = await readText(response);
  const { status } = response;
  const date = response.headers.get('date') ?? undefined;
  if (!/[/+]json\b/i.test(response.headers.get('content-type') ?? ''))
    return { status, json: undefined, isJson: false, date };
  try {
    return { status, json: JSON.parse(text), isJson: true, date };
  } catch {
    return { status, json: undefined, isJson: false, date };
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limits.httpBodyBytesMax)
      throw new HttpFault('protocol', `the answer is larger than ${limits.httpBodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What a JSON pointer (RFC 6901) leads to, or undefined. */
export function pointTo(json: unknown, pointer: string): unknown {
  let value = json;
  for (const part of pointer.split('/').slice(1)) {
    if (value === null || typeof value !== 'object') return undefined;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}

/** A non-empty string or a number, as text. */
export function textAt(json: unknown, pointer: string | undefined): string | undefined {
  const value = pointer === undefined ? undefined : pointTo(json, pointer);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
