/** The estate's firebreak.yaml: what a company with these systems would write. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

interface EstateFacts {
  recipient: string;
  owners: readonly string[];
  databasePort: number;
  /** Undefined where there is no Redis. */
  redisPort: number | undefined;
  portalUrl: string;
  /** The section of that name. */
  fleet: object;
}

const refusedToken = { status: 401, code: '/error/code', codes: ['invalid_token'] };
const refusedSession = { status: 401, code: '/error/code', codes: ['invalid_session'] };
const gone = (code: string) => [{ status: 404, code: '/error/code', codes: [code] }];

/** Writes it and returns its path. */
export async function writeConfig(folder: string, facts: EstateFacts): Promise<string> {
  const file = join(folder, 'firebreak.yaml');
  const config = {
    firebreak: 1,
    organisation: 'Practice estate',
    environments: [{ name: 'production', critical: true }, { name: 'staging' }, { name: 'response' }],
    suppliers: [{ id: 'okta', name: 'Okta' }],
    owners: facts.owners.map((name) => ({ name, recipients: [facts.recipient] })),
    systems: [
      database(facts),
      ...(facts.redisPort === undefined ? [] : [cache(facts.redisPort)]),
      portal(facts),
    ],
    fleet: facts.fleet,
    // Where data of a protected class is kept, by the log that shows an access to it.
    data: [
      { class: 'customer-data', stores: [{ source: 'postgres-csvlog' }] },
      { class: 'source-code', stores: [{ source: 'bitbucket-access' }, { source: 'bitbucket-audit' }] },
    ],
    policy: {
      approvals: 1,
      waves: { canary: 15, size: 1_500, failureRateMax: 0.02 },
      negativeProbes: 2,
      handOffFolder: './handoff',
    },
  };
  await writeFile(file, stringify(config));
  return file;
}

const database = ({ databasePort }: EstateFacts) => ({
  name: 'core-db',
  connector: 'postgres',
  environment: 'production',
  hosts: ['core-db.corp.example'],
  config: {
    host: '127.0.0.1',
    port: databasePort,
    user: 'firebreak_admin',
    password: { file: 'admin.password' },
  },
});

const cache = (port: number) => ({
  name: 'cache',
  connector: 'redis',
  environment: 'production',
  hosts: ['cache.corp.example'],
  config: { host: '127.0.0.1', port, user: 'firebreak_admin', password: { file: 'admin.password' } },
});

const portal = ({ portalUrl }: EstateFacts) => ({
  name: 'portal',
  connector: 'http',
  environment: 'production',
  suppliers: ['okta'],
  hosts: ['portal.corp.example'],
  config: {
    baseUrl: portalUrl,
    admin: {
      principal: 'firebreak-admin',
      secret: { file: 'portal-admin.token' },
      whoami: { path: '/api/me', principal: '/user' },
    },
    control: {
      kind: 'session',
      name: 'control',
      principal: 'firebreak-control',
      secret: { file: 'portal-control.session' },
    },
    token: {
      present: 'bearer',
      verify: { path: '/api/me', principal: '/user', refused: [refusedToken] },
      list: {
        path: '/api/admin/tokens?limit=500&after={cursor}',
        items: '/tokens',
        id: '/id',
        name: '/user',
        principal: '/user',
        next: '/next',
      },
      issue: {
        method: 'POST',
        path: '/api/admin/users/{name}/tokens',
        json: { label: '{key}' },
        id: '/id',
        name: '/user',
        secret: '/token',
        at: '/created_at',
      },
      orphans: {
        path: '/api/admin/tokens?limit=500&after={cursor}&label={key}',
        items: '/tokens',
        id: '/id',
        key: '/label',
      },
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
      present: { cookie: 'portal_session' },
      verify: { path: '/api/me', principal: '/user', refused: [refusedSession] },
      revokeShown: { method: 'POST', path: '/api/logout', absent: [refusedSession] },
    },
  },
});
