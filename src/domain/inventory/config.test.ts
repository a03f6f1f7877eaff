import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FirebreakError } from '../../kernel/errors.ts';
import { loadConfig, parseConfig } from './config.ts';
import { fillPath } from './delivery.ts';

let folder: string;
let recipient: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-config-'));
  recipient = await identityToRecipient(await generateIdentity());
});
afterAll(() => rm(folder, { recursive: true }));

const text = () => `firebreak: 1
organisation: Example Corp
environments: [{name: production, critical: true}, {name: staging}]
suppliers: [{id: okta, name: Okta}]
owners:
  - {name: team-data, email: data@example.test, recipients: [${recipient}]}
  - {name: team-web}
systems:
  - name: orders-db
    connector: postgres
    environment: production
    owner: team-data
    suppliers: [okta]
    hosts: [db1.corp.test, "10.0.0.7", "2001:db8::7"]
    config:
      host: db1.corp.test
      password: {file: secrets/admin.env, key: PGPASSWORD}
      nested: [{token: {file: token}}, {env: TOKEN}]
    delivery: {kind: env-file, path: "apps/{name}.env", key: PGPASSWORD}
    oldSecret: {file: "apps/{name}.env", key: PGPASSWORD}
    concurrency: 8
    perSecond: 100
  - name: cache
    connector: redis
    environment: staging
    owner: team-data
    delivery: {kind: hand-off}
imports:
  vault-list:
    format: csv
    source: vault
    fields: {name: User, system: {const: orders-db}}
    defaults: {owner: team-web, suppliers: [okta]}
`;

const faultsOf = (changed: string) => {
  try {
    parseConfig(changed, 'firebreak.yaml', folder);
  } catch (error) {
    if (error instanceof FirebreakError) return error.faults.map(({ line, field }) => [field, line]);
    throw error;
  }
  return [];
};
const lineOf = (changed: string, part: string): number =>
  changed.slice(0, changed.indexOf(part)).split('\n').length;

describe('loadConfig', () => {
  it('reads the file, with paths from its folder and defaults where nothing is said', async () => {
    const file = join(folder, 'firebreak.yaml');
    await writeFile(file, text());
    const config = await loadConfig(file);
    const [orders, cache] = config.systems;
    expect(orders).toMatchObject({
      name: 'orders-db',
      suppliers: ['okta'],
      config: {
        host: 'db1.corp.test',
        password: { file: join(folder, 'secrets/admin.env'), key: 'PGPASSWORD' },
        nested: [{ token: { file: join(folder, 'token') } }, { env: 'TOKEN' }],
      },
      delivery: { kind: 'env-file', path: join(folder, 'apps/{name}.env'), key: 'PGPASSWORD' },
      oldSecret: { file: join(folder, 'apps/{name}.env'), key: 'PGPASSWORD' },
      concurrency: 8,
      perSecond: 100,
    });
    expect(cache).toEqual({
      name: 'cache',
      connector: 'redis',
      environment: 'staging',
      owner: 'team-data',
      suppliers: [],
      hosts: [],
      config: {},
      delivery: { kind: 'hand-off' },
    });
    expect(config.environments[1]).toEqual({ name: 'staging', critical: false });
    expect(config.policy).toEqual({
      approvals: 1,
      waves: { canary: 5, failureRateMax: 0.02, size: 1000 },
      negativeProbes: 2,
      handOffFolder: join(folder, 'handoff'),
    });
  });

  it('keeps absolute paths', () => {
    const config = parseConfig(text().replaceAll('apps/', '/srv/apps/'), 'firebreak.yaml', folder);
    expect(config.systems[0]?.delivery).toMatchObject({ path: '/srv/apps/{name}.env' });
  });

  it('refuses a file that is not there, is empty or is a folder', async () => {
    await writeFile(join(folder, 'empty.yaml'), '');
    for (const name of ['nothing.yaml', 'empty.yaml', '.'])
      await expect(loadConfig(join(folder, name))).rejects.toMatchObject({ code: 'bad_input' });
  });
});

describe('faults', () => {
  it('are all named at once, with line and field, those between fields too', () => {
    const bad = text()
      .replace('environment: production', 'environment: prodcution')
      .replace('name: cache', 'name: orders-db')
      .replace('suppliers: [okta]\n    hosts', 'suppliers: [okta, circleci]\n    hosts')
      .replace('concurrency: 8', 'concurrency: 0')
      .replace('oldSecret: {file: "apps/{name}.env"', 'oldSecret: {vault: "apps/{name}.env"')
      .replace(
        'owner: team-data\n    delivery: {kind: hand-off}',
        'owner: team-web\n    delivery: {kind: hand-off}',
      )
      .replace('defaults: {owner: team-web', 'defaults: {owner: nobody')
      .replace('format: csv', 'format: xml')
      .replace(recipient, 'age1qqqq');
    expect(faultsOf(bad)).toHaveLength(9);
    expect(faultsOf(bad)).toEqual(
      expect.arrayContaining([
        ['systems[0].environment', lineOf(bad, 'prodcution')],
        ['systems[1].name', lineOf(bad, '- name: orders-db\n    connector: redis')],
        ['systems[0].suppliers[1]', lineOf(bad, 'circleci')],
        ['systems[0].concurrency', lineOf(bad, 'concurrency')],
        ['systems[0].oldSecret', lineOf(bad, 'oldSecret')],
        ['systems[1].delivery', lineOf(bad, '{kind: hand-off}')],
        ['imports.vault-list.defaults.owner', lineOf(bad, 'nobody')],
        ['imports.vault-list.format', lineOf(bad, 'xml')],
        ['owners[0].recipients[0]', lineOf(bad, 'age1qqqq')],
      ]),
    );
  });

  it.each([
    ['a second environment of the same name', 'name: staging', 'name: production', 'environments[1].name'],
    ['an unknown field', 'connector: redis', 'conector: redis', 'systems[1].conector'],
    ['an unknown delivery', 'kind: hand-off', 'kind: email', 'systems[1].delivery.kind'],
    ['a system name that is no path part', 'name: cache', 'name: ../cache', 'systems[1].name'],
    [
      'an owner that is not declared',
      'owner: team-data\n    suppliers',
      'owner: team-x\n    suppliers',
      'systems[0].owner',
    ],
    [
      'a constant secret',
      'name: User',
      'secret: {const: hunter2}, name: User',
      'imports.vault-list.fields.secret',
    ],
    ['a field that no record has', 'name: User', 'nmae: User', 'imports.vault-list.fields.nmae'],
    ['fields for a scanner report', 'format: csv', 'format: gitleaks', 'imports.vault-list.fields'],
    ['more approvals than can be', 'imports:', 'policy: {approvals: 0}\nimports:', 'policy.approvals'],
    [
      'more probes than the limit',
      'imports:',
      'policy: {negativeProbes: 6}\nimports:',
      'policy.negativeProbes',
    ],
    ['another version', 'firebreak: 1', 'firebreak: 2', 'firebreak'],
  ])('name %s', (_, good, bad, field) => {
    const changed = text().replace(good, bad);
    expect(changed).not.toBe(text());
    expect(faultsOf(changed).map(([name]) => name)).toContain(field);
  });

  it('never hold what may be a secret', () => {
    const changed = text()
      .replace('{file: secrets/admin.env, key: PGPASSWORD}', 'hunter2')
      .replace('oldSecret: {file: "apps/{name}.env", key: PGPASSWORD}', 'oldSecret: hunter2');
    const run = () => parseConfig(changed, 'firebreak.yaml', folder);
    expect(run).toThrow(FirebreakError);
    expect(run).not.toThrow(/hunter2/);
  });
});

describe('fillPath', () => {
  it('puts the name in as it is', () => {
    expect(fillPath('/srv/{name}/{name}.env', 'app$&1')).toBe('/srv/app$&1/app$&1.env');
    expect(fillPath('/srv/app.env', '../anything')).toBe('/srv/app.env');
  });

  it.each(['../../etc/passwd', 'a/b', 'a\\b', '..', '.', '', 'a\u0000b', 'a\nb'])(
    'refuses the name %j',
    (name) => {
      expect(() => fillPath('/srv/{name}.env', name)).toThrow(FirebreakError);
    },
  );
});
