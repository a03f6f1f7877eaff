/** The practice portal for the conformance suite. */
import { startTargetPortal, type TargetPortal } from '../../../test/lab/portal.ts';
import { Secret } from '../../kernel/secret.ts';
import { portalCookie } from '../../replay/portal.ts';
import type { Harness, OpenSession, Sample } from '../conformance.ts';

export const harness: Harness = {
  start: async () => {
    const target = await startTargetPortal();
    let made = 0;
    return {
      port: target.portal.port,
      config: (port) => target.config(port),
      configWithPlainSecret: (secret) => {
        const config = target.config();
        return { ...config, admin: { ...Object(config.admin), secret } };
      },
      secrets: [target.adminToken, target.control.secret],
      create: (kind) => create(target, kind, `app-${++made}`),
      openSession: (sample) => openSession(target, sample),
      stop: () => target.portal.stop(),
      start: () => target.portal.restart(),
      logs: () => target.state(),
      answerOddly: (client) => {
        const body = '{"error":{"code":"nobody_knows"}}';
        const head = 'HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close';
        client.once('data', () => client.end(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`));
      },
      [Symbol.asyncDispose]: () => target.close(),
    };
  },
};

async function create({ portal }: TargetPortal, kind: string, user: string): Promise<Sample> {
  await portal.addUser(user);
  const { id, secret } =
    kind === 'token' ? await portal.addToken(user, `made for ${user}`) : await portal.addSession(user);
  return { target: { kind, name: id, attributes: { id, principal: user } }, principal: user, secret };
}

/** A web session that a service opened with its token. */
async function openSession({ portal }: TargetPortal, { secret }: Sample): Promise<OpenSession> {
  const authorization = `Bearer ${secret.reveal()}`;
  const opened = await fetch(`${portal.url}/api/sessions`, { method: 'POST', headers: { authorization } });
  const value = new RegExp(`${portalCookie}=([^;]+)`).exec(opened.headers.get('set-cookie') ?? '')?.[1];
  const cookie = new Secret(`${portalCookie}=${value}`);
  return {
    isAlive: async () => (await fetch(`${portal.url}/api/me`, { headers: { cookie: cookie.reveal() } })).ok,
    close: async () => undefined,
  };
}
