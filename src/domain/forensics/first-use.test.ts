/** A key that is met for the first time is written down once, and held against every later one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../test/lab/domain.ts';
import { trustOnFirstUse } from './first-use.ts';

let lab: DomainLab;
beforeAll(async () => {
  lab = await openDomainLab('firebreak: 1\norganisation: Test\n');
});
afterAll(() => lab.close());

test('the first key is believed and in the ledger; the same again needs no entry; another is not believed', async () => {
  const host = { name: 'web-1', address: '192.0.2.1' };
  const key = { algorithm: 'ssh-ed25519', sha256: 'SHA256:one', line: 'web-1 ssh-ed25519 AAAA' };
  expect(await trustOnFirstUse(lab.context, host, key)).toBe(true);
  expect(await trustOnFirstUse(lab.context, host, key)).toBe(true);
  expect(await trustOnFirstUse(lab.context, host, { ...key, sha256: 'SHA256:two' })).toBe(false);
  expect(
    await trustOnFirstUse(lab.context, { ...host, name: 'web-2' }, { ...key, sha256: 'SHA256:two' }),
  ).toBe(true);
  const entries = await lab.context.ledger.list({ kind: 'fleet.host-key-trusted' });
  expect(entries.map(({ subject }) => subject)).toEqual(['web-1', 'web-2']);
  expect(entries[0]?.data).toMatchObject({ address: '192.0.2.1', sha256: 'SHA256:one', line: key.line });
});
