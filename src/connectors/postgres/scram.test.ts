/** SCRAM beside the vectors of RFC 7677, and what is remembered of a password. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { limits } from '../../kernel/limits.ts';
import { Secret } from '../../kernel/secret.ts';
import { type Derive, deriveSalted, rememberSalted, saslPrep, scramClient, scramVerifier } from './scram.ts';

const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const pencil = new Secret('pencil');

function counting() {
  let runs = 0;
  const derive: Derive = (...given) => {
    runs++;
    return deriveSalted(...given);
  };
  return { derive, runs: () => runs };
}

/** The server's side of an exchange, from the verifier. */
async function serve(client: ReturnType<typeof scramClient>, password: Secret) {
  const serverFirst = `${client.first.slice('n,,n=*,'.length)}server,s=${salt.toString('base64')},i=4096`;
  const final = await client.answer(serverFirst);
  const [unproven = ''] = final.split(',p=');
  const verifier = await scramVerifier(password, salt, 4096);
  const serverKey = Buffer.from(/:([^:]+)$/.exec(verifier)?.[1] ?? '', 'base64');
  const message = `${client.first.slice(3)},${serverFirst},${unproven}`;
  return { final, proof: `v=${createHmac('sha256', serverKey).update(message).digest('base64')}` };
}

test('both sides agree on the same password, and the server shows that it knows it', async () => {
  const client = scramClient(pencil, deriveSalted);
  const { final, proof } = await serve(client, pencil);
  expect(final).toMatch(/^c=biws,r=.+,p=[A-Za-z0-9+/]{43}=$/);
  expect(() => client.confirm(proof)).not.toThrow();
});

test('a server that knows another password, or nothing, is not taken for ours', async () => {
  const client = scramClient(pencil, deriveSalted);
  const { proof } = await serve(client, new Secret('other'));
  expect(() => client.confirm(proof)).toThrow('did not show');
  expect(() => client.confirm('e=other-error')).toThrow('did not show');
  expect(() => scramClient(pencil, deriveSalted).confirm('v=')).toThrow('did not show');
});

test.each([
  ['another nonce', 'r=other,s=AAAA,i=4096', 'nonce'],
  ['no nonce of its own', '', 'nonce'],
  ['a mandatory extension', 'm=1,r=x,s=AAAA,i=4096', 'nonce'],
  ['rounds without end', `i=${limits.scramIterationsMax + 1}`, 'iterations'],
])('a server-first message with %s is refused', async (_, text, message) => {
  const client = scramClient(pencil, deriveSalted);
  const nonce = client.first.slice('n,,n=*,'.length);
  const first =
    text === '' ? `${nonce},s=AAAA,i=4096` : text.startsWith('i=') ? `${nonce}x,s=AAAA,${text}` : text;
  await expect(client.answer(first)).rejects.toThrow(message);
});

test('a derivation is made once for the same password, salt and rounds, and forgotten when told', async () => {
  const { derive, runs } = counting();
  const remembered = rememberSalted(derive);
  const [one, same] = await Promise.all([
    remembered(pencil, salt, 10),
    remembered(new Secret('pencil'), salt, 10),
  ]);
  expect(one?.equals(await deriveSalted(pencil, salt, 10))).toBe(true);
  expect(same?.equals(one as Buffer)).toBe(true);
  expect(runs()).toBe(1);
  await remembered(new Secret('pencil2'), salt, 10);
  await remembered(pencil, salt.subarray(1), 10);
  await remembered(pencil, salt, 11);
  expect(runs()).toBe(4);
  remembered.forget();
  await remembered(pencil, salt, 10);
  expect(runs()).toBe(5);
  remembered.forget();
});

test('no more is remembered than the limit', async () => {
  const { derive, runs } = counting();
  const remembered = rememberSalted(derive);
  for (let index = 0; index <= limits.scramRememberedMax; index++)
    await remembered(new Secret(`p${index}`), salt, 1);
  await remembered(new Secret(`p${limits.scramRememberedMax}`), salt, 1);
  expect(runs()).toBe(limits.scramRememberedMax + 1);
  await remembered(new Secret('p0'), salt, 1);
  expect(runs()).toBe(limits.scramRememberedMax + 2);
  remembered.forget();
});

test('passwords are prepared as PostgreSQL prepares them', () => {
  expect(saslPrep('pencil ~')).toBe('pencil ~');
  expect(saslPrep('I\u00adX')).toBe('IX');
  expect(saslPrep('a\u00a0b')).toBe('a b');
  expect(saslPrep('\u2168')).toBe('IX');
  expect(saslPrep('\u2168\u0007')).toBe('\u2168\u0007');
});
