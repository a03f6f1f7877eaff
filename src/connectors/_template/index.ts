/** Template: what its credentials are. */
import { randomPassword } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import { cannotOpen, failed } from '../calls.ts';
import { lockoutRule } from '../config.ts';
import type { Connector, Ports, Session } from '../contract.ts';
import { openAdmin, tryLogin } from './client.ts';
import { TemplateConfig } from './schema.ts';
import { failure, judge } from './verdicts.ts';

export const template = {
  id: '_template',
  title: 'Template',
  docs: 'https://example.com/docs',
  config: TemplateConfig,
  kinds: { password: { title: 'Password', class: 'password', replacement: 'swap' } },
  privileges: ['change the passwords of others'],
  quotas: { concurrency: 8 },
  lockout: (config) =>
    lockoutRule(config.lockout, {
      failuresMax: 3,
      windowMs: 900_000,
      source: 'https://example.com/docs/lockout',
    }),
  open,
} as const satisfies Connector<typeof TemplateConfig>;

async function open(config: TemplateConfig, ports: Ports): Promise<Session> {
  const admin = await openAdmin(config, ports.signal).catch((error: unknown) => {
    throw cannotOpen(`Template at ${config.host}:${config.port}`, error);
  });
  return {
    admin: config.user,
    issue: {
      style: 'set',
      generate: (_target, random) => new Secret(randomPassword(random)),
      set: async (target, secret, signal) => {
        if (target.name === config.user) return failed('own-credential', 'change it by hand', 'never');
        try {
          // The cutover is the system's own time or counter after the change, never ours.
          return { outcome: 'done', cutover: await admin.setPassword(target.name, secret, signal) };
        } catch (error) {
          return failure(error);
        }
      },
    },
    verify: async (target, secret, signal) => {
      try {
        const login = { user: target.name, password: secret };
        return { verdict: 'accepted', principal: await tryLogin(config, login, signal) };
      } catch (error) {
        return judge(error);
      }
    },
    revoke: async () => ({ outcome: 'absent', note: 'the old password died when the new one was set' }),
    [Symbol.asyncDispose]: () => admin.close(),
  };
}
