/** Redis for the conformance suite. */
import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { startTargetRedis, type TargetRedis } from '../../../test/lab/target-redis.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { randomPassword, systemRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Harness, OpenSession, Sample } from '../conformance.ts';

export const harness: Harness = {
  start: async () => {
    const target = await startTargetRedis();
    if ('missing' in target) return target;
    let made = 0;
    return {
      port: target.port,
      config: (port) => ({ ...target.config, port }),
      configWithPlainSecret: (secret) => ({ ...target.config, password: secret }),
      secrets: [target.adminPassword],
      create: () => createUser(target, `app-${++made}`),
      openSession: (sample) => openSession(target, sample),
      stop: () => target.server.stop('crash'),
      start: () => target.server.restart(),
      logs: async () => (await target.logs()) + (await readFile(target.server.aclFile, 'utf8')),
      answerOddly: (client) => {
        client.on('data', (data) => {
          const commands = data.toString().match(/^\*\d+\r$/gm)?.length ?? 1;
          client.write('-ODDITY an error that nobody knows\r\n'.repeat(commands));
        });
      },
      [Symbol.asyncDispose]: () => target.close(),
    };
  },
};

/** Such users as applications have: no ACL WHOAMI among their commands. */
async function createUser(target: TargetRedis, name: string): Promise<Sample> {
  const secret = new Secret(randomPassword(systemRandom));
  const rules = ['on', `#${sha256Hex(secret.reveal())}`, '~app:*', '-@all', '+@read', '+ping'];
  await target.commands([
    ['ACL', 'SETUSER', name, ...rules],
    ['ACL', 'SAVE'],
  ]);
  return { target: { kind: 'password', name }, principal: name, secret };
}

async function openSession({ port }: TargetRedis, { principal, secret }: Sample): Promise<OpenSession> {
  const client = new Redis({
    port,
    username: principal,
    password: secret.reveal(),
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    isAlive: () =>
      client.ping().then(
        () => true,
        () => false,
      ),
    close: async () => client.disconnect(),
  };
}
