import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../test/lab/domain.ts';
import type { FirebreakError } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import type { ImportOptions } from './import-inventory.ts';
import { importInventory, listCredentials, saveStatements, showCredential } from './index.ts';

const config = `firebreak: 1
organisation: Test
environments: [{ name: production }]
suppliers: [{ id: okta, name: Okta }]
owners: [{ name: platform }]
systems:
  - name: core-db
    connector: postgres
    environment: production
    owner: platform
    suppliers: [okta]
    hosts: [core-db.corp.example]
    config: { host: 127.0.0.1, port: 1, user: admin, password: { env: NONE } }
    delivery: { kind: env-file, path: "env/{name}.env", key: DB_PASSWORD }
`;

let lab: DomainLab;
beforeEach(async () => {
  lab = await openDomainLab(config);
});
afterEach(() => lab.close());

const signal = new AbortController().signal;

async function run(name: string, text: string, options: Partial<ImportOptions> = {}) {
  const file = join(lab.folder, name);
  await writeFile(file, text);
  return importInventory(lab.context, lab.systems, file, { source: 'cmdb', signal, ...options });
}

const finding = (secret: string, line: number) => ({
  RuleID: 'postgres-password',
  Secret: secret,
  File: 'app/config.py',
  StartLine: line,
});

const list = () => listCredentials(lab.context.db, { limit: 100 });

test('a record is completed by what firebreak.yaml says of its system, also by one of its hosts', async () => {
  const summary = await run(
    'a.csv',
    'system,name,class\ncore-db.corp.example,billing,password\nother,x,password\n',
  );
  expect(summary).toMatchObject({
    source: 'import:cmdb',
    format: 'csv',
    records: 2,
    accepted: 2,
    rejected: 0,
    added: 2,
  });
  const { credential, claims } = await showCredential(lab.context.db, 'core-db/password/billing');
  expect(credential).toMatchObject({
    environment: 'production',
    owner: 'platform',
    suppliers: ['okta'],
    delivery: { kind: 'env-file', path: join(lab.folder, 'env/billing.env'), key: 'DB_PASSWORD' },
  });
  expect(claims.map(({ source }) => source)).toEqual(['import:cmdb']);
  expect((await showCredential(lab.context.db, 'other/password/x')).credential.environment).toBeNull();
});

test('a known name that leads out of the delivery folder leaves the credential without one', async () => {
  const { context } = lab;
  const fingerprint = context.fingerprinter.ofText('known-secret-1');
  const known = { system: 'core-db', kind: 'password', name: '../../etc/passwd', fingerprint };
  await saveStatements(context.db, 'connector:core-db', [known], context);
  await run('report.json', JSON.stringify([finding('known-secret-1', 3)]), { source: 'gitleaks' });
  const [credential] = await list();
  expect(credential).toMatchObject({
    name: '../../etc/passwd',
    delivery: null,
    attributes: { place: 'app/config.py:3' },
  });
});

test('good records are imported, the others counted and listed by line', async () => {
  const summary = await run(
    'a.csv',
    'system,kind,name,class\ncore-db,password,a,password\ncore-db,password,b,nonsense\ncore-db,password,a,password\n',
  );
  expect(summary).toMatchObject({ records: 3, accepted: 1, rejected: 2 });
  expect(summary.rejects.map(({ line }) => line)).toEqual([3, 4]);
  const run1 = await lab.context.db.selectFrom('inventory_run').selectAll().executeTakeFirstOrThrow();
  expect(run1).toMatchObject({ records: 3, accepted: 1, rejected: 2, ledger_seq: summary.ledgerSeq });
  expect(await lab.context.ledger.entry(summary.ledgerSeq ?? -1)).toMatchObject({
    kind: 'inventory.imported',
    data: { records: 3, accepted: 1, rejected: 2, sha256: summary.sha256 },
  });
});

test.each([
  ['empty', ''],
  ['a header alone', 'system,kind,name\n'],
  ['nothing good', 'system,kind,name,class\ncore-db,password,a,nonsense\n'],
  ['another format', '<xml/>'],
  [
    'JSON that is cut off after a good record',
    '[{"system":"core-db","kind":"password","name":"a"},{"system":',
  ],
])('%s is bad input and changes nothing', async (_, text) => {
  const error = await run('bad', text).then(
    () => undefined,
    (thrown: unknown) => thrown as FirebreakError,
  );
  expect(error).toMatchObject({ code: 'bad_input' });
  expect(await list()).toEqual([]);
  expect(await lab.context.ledger.list()).toEqual([]);
});

test('a dry run says the same and changes nothing', async () => {
  const text = 'system,kind,name,secret\ncore-db,password,a,hunter2-hunter2\n';
  const dry = await run('a.csv', text, { dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, records: 1, accepted: 1, added: 1, ledgerSeq: null });
  expect(await list()).toEqual([]);
  expect(await run('a.csv', text)).toMatchObject({ accepted: 1, added: 1 });
});

test('a secret is sealed at its ref, fingerprinted, and stands nowhere in the clear', async () => {
  await run('a.csv', 'system,kind,name,secret\ncore-db,password,a,canary-4711-canary\n');
  const row = await lab.context.db.selectFrom('credential').selectAll().executeTakeFirstOrThrow();
  const opened = await lab.context.sealer.open(
    row.sealed_secret ?? Buffer.alloc(0),
    'credential:core-db/password/a',
  );
  expect(opened.reveal()).toBe('canary-4711-canary');
  expect(row.fingerprint).toBe(lab.context.fingerprinter.of(opened));
  const entries = await lab.context.ledger.list();
  const claims = await lab.context.db.selectFrom('credential_claim').selectAll().execute();
  expect(JSON.stringify([{ ...row, sealed_secret: null }, entries, claims])).not.toContain('canary-4711');
});

test("a scanner's finding is matched by its secret, or becomes a credential of its own", async () => {
  await run('a.csv', 'system,kind,name,secret\ncore-db,password,billing,known-secret-1\n');
  const report = JSON.stringify([
    finding('known-secret-1', 3),
    finding('another-secret-2', 9),
    finding('known-secret-1', 12),
  ]);
  const summary = await run('report.json', report, { source: 'gitleaks' });
  expect(summary).toMatchObject({ format: 'gitleaks', records: 3, accepted: 3, added: 1, matched: 2 });
  const mark = lab.context.fingerprinter.of(new Secret('another-secret-2')).slice(6, 16);
  expect((await list()).map(({ ref }) => ref).sort()).toEqual(
    ['core-db/password/billing', `unknown/postgres-password/postgres-password-${mark}`].sort(),
  );
  const { credential } = await showCredential(lab.context.db, 'core-db/password/billing');
  expect(credential.attributes.place).toMatch(/^app\/config\.py:(3|12)$/);
  const again = await run('report.json', report, { source: 'gitleaks' });
  expect(again, 'now all three are known').toMatchObject({ added: 0, matched: 3 });
});

test('without a source there is nothing to call it by', async () => {
  await expect(run('a.csv', 'system,name\nx,y\n', { source: undefined })).rejects.toMatchObject({
    code: 'bad_input',
    faults: [{ field: 'source' }],
  });
});
