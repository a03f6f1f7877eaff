/** Routes of the installation, its connectors and its systems. */
import { z } from 'zod';
import type { Session } from '../connectors/contract.ts';
import { ConnectorList, InstallationView, SystemCheck } from './contract/installation.ts';
import { createRoute, createRouter, gives, type Services } from './router.ts';

const show = createRoute({
  method: 'get',
  path: '/v1/installation',
  summary: 'What serves this API',
  responses: gives(InstallationView, 'The installation'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/connectors',
  summary: 'Connectors, what each can do, and the systems that use it',
  responses: gives(ConnectorList, 'By id'),
});

const check = createRoute({
  method: 'post',
  path: '/v1/systems/{system}/check',
  summary: 'Log in to a system as its administrator and say who we are there',
  request: { params: z.object({ system: z.string().min(1).max(64) }) },
  responses: gives(SystemCheck, 'It let us in'),
});

export function installationRoutes({ ports }: Services) {
  return createRouter()
    .openapi(show, async (c) => {
      const { ledger, signer } = c.var.context;
      const { folder = null, ...installation } = ports.installation;
      const { size } = await ledger.head();
      return c.json({ ...installation, folder, ledger: { size, verifierKey: signer.verifierKey } }, 200);
    })
    .openapi(list, async (c) => {
      const systems = await ports.systems().catch(() => undefined);
      const connectors = [...ports.connectors.values()].map(
        ({ id, title, docs, kinds, privileges, quotas }) => ({
          id,
          title,
          docs,
          kinds: Object.entries(kinds).map(([kind, facts]) => ({ kind, ...facts })),
          privileges: [...privileges],
          quotas: { concurrency: quotas.concurrency, perSecond: quotas.perSecond ?? null },
          systems: (systems?.config.systems ?? [])
            .filter((one) => one.connector === id)
            .map(({ name }) => name),
        }),
      );
      return c.json({ connectors }, 200);
    })
    .openapi(check, async (c) => {
      const { clock } = c.var.context;
      const systems = await ports.systems();
      const { name: system, config } = systems.get(c.req.valid('param').system);
      const connector = systems.connector(system);
      const startedMs = clock.monotonicMs();
      const session = await systems.open(system);
      const ms = Math.round(clock.monotonicMs() - startedMs);
      const lockout = connector.lockout(connector.config.parse(config));
      return c.json(
        { system, connector: connector.id, admin: session.admin, lockout, can: abilities(session), ms },
        200,
      );
    });
}

/** The optional capabilities that the session has. */
function abilities(session: Session): string[] {
  const names = [
    'discover',
    'issue',
    'revoke',
    'endSessions',
    'probeSessions',
    'contain',
    'release',
  ] as const;
  return ['verify', ...names.filter((name) => session[name] !== undefined)];
}
