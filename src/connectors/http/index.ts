/** A web application of the house, described in configuration: its service tokens and web sessions. */
import { FirebreakError } from '../../kernel/errors.ts';
import { readSecret } from '../../kernel/reference.ts';
import { Secret } from '../../kernel/secret.ts';
import { cannotOpen, failed, indeterminate } from '../calls.ts';
import { lockoutRule } from '../config.ts';
import type {
  Connector,
  Minted,
  MintIssue,
  Outcome,
  Ports,
  Session,
  SessionProbe,
  Target,
} from '../contract.ts';
import { pointTo, type Shown, send, textAt, type Variables } from './client.ts';
import { type Ask, discoverKind, findByKey } from './listing.ts';
import { type Act, HttpConfig, type KindConfig } from './schema.ts';
import { failure, judge, judgeFault, outcomeOf, refusal } from './verdicts.ts';

export const http = {
  id: 'http',
  title: 'Web application',
  docs: 'https://www.rfc-editor.org/rfc/rfc9110#name-401-unauthorized',
  config: HttpConfig,
  kinds: {
    token: { title: 'Service token', class: 'api-token', replacement: 'overlap' },
    session: { title: 'Web session', class: 'session', replacement: 'none' },
  },
  privileges: ['Whatever the requests need that the configuration declares, and no more'],
  quotas: { concurrency: 16 },
  lockout: (config) =>
    lockoutRule(config.lockout, {
      failuresMax: null,
      windowMs: 0,
      source: 'none declared: declare the rule of the application as lockout',
    }),
  open,
} as const satisfies Connector<typeof HttpConfig>;

interface Context {
  config: HttpConfig;
  transport: typeof fetch;
  /** Sends a request as the administrator. */
  ask: Ask;
}

async function open(config: HttpConfig, ports: Ports): Promise<Session> {
  const { admin } = config;
  const ask: Ask = async (request, variables, signal) => {
    const shown = { by: admin.present, secret: await readSecret(admin.secret), user: admin.principal };
    return send(config, ports.fetch, request, { variables, shown, signal });
  };
  try {
    await assertAdmin(config, ask, ports.signal);
  } catch (error) {
    throw cannotOpen(`the web application at ${config.baseUrl}`, error);
  }
  return createSession({ config, transport: ports.fetch, ask }, await readControl(config));
}

async function assertAdmin({ admin }: HttpConfig, ask: Ask, signal: AbortSignal): Promise<void> {
  const reply = await ask(admin.whoami, {}, signal);
  const principal = textAt(reply.json, admin.whoami.principal);
  if (reply.status >= 200 && reply.status < 300 && principal === admin.principal) return;
  const said =
    reply.status >= 200 && reply.status < 300 ? `that we are ${principal ?? 'nobody'}` : String(reply.status);
  const retry = reply.status === 429 || reply.status >= 500 ? 'later' : 'never';
  throw new FirebreakError('refused', `${admin.whoami.path} says ${said}, expected ${admin.principal}`, {
    retry,
  });
}

async function readControl({ control }: HttpConfig): Promise<Session['control']> {
  if (!control) return undefined;
  const { kind, name, principal } = control;
  return {
    target: { kind, name, attributes: { principal } },
    principal,
    secret: await readSecret(control.secret),
  };
}

function createSession(context: Context, control: Session['control']): Session {
  const { config } = context;
  const kinds = [config.token, config.session].filter((kind) => kind !== undefined);
  const some = (name: 'list' | 'revoke' | 'revokeShown' | 'endSessions' | 'probeSessions') =>
    kinds.some((kind) => kind[name] !== undefined);
  return {
    admin: config.admin.principal,
    verify: (target, secret, signal) => verify(context, target, secret, signal),
    ...(control ? { control } : {}),
    ...(some('list') ? { discover: (signal: AbortSignal) => discover(context, signal) } : {}),
    ...(config.token?.issue && config.token.orphans ? { issue: mintIssue(context) } : {}),
    ...(some('revoke') || some('revokeShown')
      ? {
          revoke: (target: Target, signal: AbortSignal, secret?: Secret) =>
            revoke(context, target, signal, secret),
        }
      : {}),
    ...(some('endSessions')
      ? {
          endSessions: (target: Target, before: string | undefined, signal: AbortSignal) =>
            act(context, target, kindOf(config, target)?.endSessions, { before: before ?? '' }, signal),
        }
      : {}),
    ...(some('probeSessions')
      ? {
          probeSessions: (target: Target, before: string | undefined, signal: AbortSignal) =>
            probeSessions(context, target, before, signal),
        }
      : {}),
    ...(config.contain
      ? { contain: (target: Target, signal: AbortSignal) => act(context, target, config.contain, {}, signal) }
      : {}),
    ...(config.release
      ? { release: (target: Target, signal: AbortSignal) => act(context, target, config.release, {}, signal) }
      : {}),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function kindOf(config: HttpConfig, { kind }: Target): KindConfig | undefined {
  if (kind === 'token') return config.token;
  return kind === 'session' ? config.session : undefined;
}

const variablesOf = (target: Target): Variables => ({ ...target.attributes, name: target.name });

function shownBy(kind: KindConfig, target: Target, secret: Secret): Shown {
  return { by: kind.present, secret, user: target.attributes?.principal ?? target.name };
}

async function verify(context: Context, target: Target, secret: Secret, signal: AbortSignal) {
  const kind = kindOf(context.config, target);
  if (!kind) return indeterminate('protocol', `the configuration declares no ${target.kind}`);
  try {
    const options = { variables: variablesOf(target), shown: shownBy(kind, target, secret), signal };
    return judge(await send(context.config, context.transport, kind.verify, options), kind.verify);
  } catch (error) {
    return judgeFault(error);
  }
}

async function* discover({ config, ask }: Context, signal: AbortSignal) {
  yield [{ type: 'system' as const, name: config.baseUrl, version: '' }];
  for (const kind of ['token', 'session'] as const) {
    const list = config[kind]?.list;
    if (list) yield* discoverKind(ask, kind, list, signal);
  }
}

function mintIssue(context: Context): MintIssue {
  return {
    style: 'mint',
    mint: (target, key, signal) => mint(context, target, key, signal),
    orphans: async (target, key, signal) => {
      const orphans = context.config.token?.orphans;
      if (!orphans || target.kind !== 'token') return [];
      return findByKey(context.ask, orphans, target, { ...variablesOf(target), key }, signal);
    },
  };
}

async function mint(context: Context, target: Target, key: string, signal: AbortSignal): Promise<Minted> {
  const issue = context.config.token?.issue;
  if (!issue || target.kind !== 'token')
    return { outcome: 'unsupported', message: `no ${target.kind} can be minted` };
  try {
    const reply = await context.ask(issue, { ...variablesOf(target), key }, signal);
    if (reply.status < 200 || reply.status > 299) return refusal(reply);
    const id = textAt(reply.json, issue.id);
    const secret = textAt(reply.json, issue.secret);
    // What was minted all the same is found by its key.
    if (id === undefined || secret === undefined)
      return failed(
        'protocol',
        `${reply.status} without ${id === undefined ? issue.id : issue.secret}`,
        'later',
      );
    const minted = {
      kind: 'token',
      name: textAt(reply.json, issue.name) ?? id,
      attributes: { ...target.attributes, id },
    };
    const cutover = textAt(reply.json, issue.at) ?? reply.date ?? '';
    return { outcome: 'done', target: minted, secret: new Secret(secret), cutover };
  } catch (error) {
    return failure(error);
  }
}

/** By id where it is known; else by showing the secret. */
async function revoke(
  context: Context,
  target: Target,
  signal: AbortSignal,
  secret?: Secret,
): Promise<Outcome> {
  const kind = kindOf(context.config, target);
  if (kind?.revoke && (target.attributes?.id !== undefined || !kind.revokeShown))
    return act(context, target, kind.revoke, {}, signal);
  if (!kind?.revokeShown) return { outcome: 'unsupported', message: `no ${target.kind} can be revoked` };
  if (!secret)
    return { outcome: 'unsupported', message: 'neither the id nor the secret of this credential is known' };
  try {
    const options = { variables: variablesOf(target), shown: shownBy(kind, target, secret), signal };
    return outcomeOf(
      await send(context.config, context.transport, kind.revokeShown, options),
      kind.revokeShown,
    );
  } catch (error) {
    return failure(error);
  }
}

async function act(
  context: Context,
  target: Target,
  request: Act | undefined,
  variables: Variables,
  signal: AbortSignal,
): Promise<Outcome> {
  if (!request)
    return {
      outcome: 'unsupported',
      message: `the configuration declares no such request for a ${target.kind}`,
    };
  try {
    return outcomeOf(await context.ask(request, { ...variablesOf(target), ...variables }, signal), request);
  } catch (error) {
    return failure(error);
  }
}

async function probeSessions(
  context: Context,
  target: Target,
  before: string | undefined,
  signal: AbortSignal,
): Promise<SessionProbe> {
  const probe = kindOf(context.config, target)?.probeSessions;
  if (!probe)
    return indeterminate(
      'not-permitted',
      `the configuration declares no way to count the sessions of a ${target.kind}`,
    );
  try {
    const reply = await context.ask(probe, { ...variablesOf(target), before: before ?? '' }, signal);
    const count = reply.status >= 200 && reply.status < 300 ? pointTo(reply.json, probe.count) : undefined;
    const alive = Array.isArray(count) ? count.length : count;
    if (typeof alive === 'number' && Number.isSafeInteger(alive) && alive >= 0)
      return { verdict: 'counted', alive };
    if (reply.status === 429) return indeterminate('rate-limited', 'the application answered 429');
    return indeterminate('protocol', `${reply.status} without a count at ${probe.count}`);
  } catch (error) {
    return judgeFault(error);
  }
}
