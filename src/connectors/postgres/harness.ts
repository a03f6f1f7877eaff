/** PostgreSQL for the conformance suite. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startTargetPostgres, type TargetPostgres } from '../../../test/lab/target-postgres.ts';
import { randomPassword, systemRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Harness, OpenSession, Sample } from '../conformance.ts';
import { scramVerifier } from './scram.ts';

export const harness: Harness = {
  start: async () => {
    const target = await startTargetPostgres();
    let made = 0;
    return {
      port: target.port,
      config: (port) => ({ ...target.config, port }),
      configWithPlainSecret: (secret) => ({ ...target.config, password: secret }),
      secrets: [target.adminPassword],
      create: () => createRole(target, `App "quoted" é ${++made}`),
      openSession: (sample) => openSession(target, sample),
      stop: () => target.server.stop('fast'),
      start: () => target.server.restart(),
      logs: () => target.logs(),
      answerOddly: (client) => {
        client.once('data', () => client.end(errorResponse('XX777', 'an error that nobody knows')));
      },
      [Symbol.asyncDispose]: () => target.close(),
    };
  },
};

/** By verifier: the server logs every statement, and the suite looks for secrets in that log. */
async function createRole(target: TargetPostgres, name: string): Promise<Sample> {
  const secret = new Secret(randomPassword(systemRandom));
  const verifier = await scramVerifier(secret, randomBytes(16), 4096);
  await target.sql(`create role ${pg.escapeIdentifier(name)} login password '${verifier}'`);
  return { target: { kind: 'password', name }, principal: name, secret };
}

async function openSession({ port }: TargetPostgres, { principal, secret }: Sample): Promise<OpenSession> {
  const database = 'postgres';
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    database,
    user: principal,
    password: secret.reveal(),
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    isAlive: () =>
      client.query('select 1').then(
        () => true,
        () => false,
      ),
    close: () => client.end(),
  };
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: ErrorResponse. */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
