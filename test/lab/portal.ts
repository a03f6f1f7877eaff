/** The practice portal as a system whose tokens and sessions are rotated, with its description in firebreak.yaml. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/kernel/secret.ts';
import { type Portal, portalCookie, startPortal } from '../../src/replay/portal.ts';
import { freePort } from '../../src/store/postgres/server.ts';

export interface TargetPortal {
  portal: Portal;
  adminToken: Secret;
  /** What firebreak.yaml would say of it, at its own address or at another port. */
  config(port?: number): Record<string, unknown>;
  /** The standing session of the positive control. */
  control: { id: string; secret: Secret };
  state(): Promise<string>;
  close(): Promise<void>;
}

export async function startTargetPortal(options: { ratePerSecond?: number } = {}): Promise<TargetPortal> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-target-portal-'));
  const adminToken = new Secret('ptk_administrator-of-the-lab');
  const admin = { name: 'firebreak', token: adminToken };
  const portal = await startPortal({ folder, port: await freePort(), admin, ...options });
  await portal.addUser('control');
  const control = await portal.addSession('control');
  const files = { admin: join(folder, 'admin.token'), control: join(folder, 'control.session') };
  await writeFile(files.admin, adminToken.reveal(), { mode: 0o600 });
  await writeFile(files.control, control.secret.reveal(), { mode: 0o600 });
  return {
    portal,
    adminToken,
    control,
    config: (port = portal.port) => portalConfig(port, files, control.id),
    state: () => readFile(join(folder, 'portal.json'), 'utf8'),
    close: async () => {
      await portal.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const refused = (code: string) => [{ status: 401, code: '/error/code', codes: [code] }];
const gone = (code: string) => [{ status: 404, code: '/error/code', codes: [code] }];

function portalConfig(port: number, files: { admin: string; control: string }, controlId: string) {
  const me = { path: '/api/me', principal: '/user' };
  const times = { createdAt: '/created_at', lastUsedAt: '/last_used_at', next: '/next' };
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    admin: { principal: 'firebreak', present: 'bearer', secret: { file: files.admin }, whoami: me },
    token: {
      present: 'bearer',
      verify: { ...me, refused: refused('invalid_token') },
      list: {
        path: '/api/admin/tokens?after={cursor}',
        items: '/tokens',
        id: '/id',
        principal: '/user',
        ...times,
      },
      issue: {
        method: 'POST',
        path: '/api/admin/users/{principal}/tokens',
        json: { label: '{key}' },
        id: '/id',
        secret: '/token',
        at: '/created_at',
      },
      orphans: { path: '/api/admin/tokens?label={key}', items: '/tokens', id: '/id', key: '/label' },
      revoke: { method: 'DELETE', path: '/api/admin/tokens/{id}', absent: gone('unknown_token') },
      revokeShown: {
        method: 'POST',
        path: '/api/revoke',
        json: { token: '{secret}' },
        absent: gone('unknown_token'),
      },
      endSessions: { method: 'DELETE', path: '/api/admin/sessions?token={id}', count: '/ended' },
      probeSessions: { path: '/api/admin/sessions?token={id}', count: '/total' },
    },
    session: {
      present: { cookie: portalCookie },
      verify: { ...me, refused: refused('invalid_session') },
      list: {
        path: '/api/admin/sessions?after={cursor}',
        items: '/sessions',
        id: '/id',
        principal: '/user',
        createdAt: '/created_at',
        next: '/next',
      },
      revoke: { method: 'DELETE', path: '/api/admin/sessions/{id}', absent: gone('unknown_session') },
      revokeShown: { method: 'POST', path: '/api/logout', absent: refused('invalid_session') },
    },
    contain: { method: 'POST', path: '/api/admin/users/{principal}/disable' },
    release: { method: 'POST', path: '/api/admin/users/{principal}/enable' },
    control: { kind: 'session', name: controlId, principal: 'control', secret: { file: files.control } },
  };
}
