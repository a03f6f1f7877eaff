/** Redis: ACL users rotated with everything, durably, against a bare pipeline of the same changes and logins. */
import { Redis } from 'ioredis';
import pMap from 'p-map';
import { sha256Hex } from '../src/kernel/hash.ts';
import { startTargetRedis } from '../test/lab/target-redis.ts';
import { timeCampaign } from './campaign.ts';
import { round } from './postgres.ts';

const users = Number(process.env.BENCH_USERS ?? 5_000);
const wantedPerSecond = 400;

export async function benchRedis() {
  const secrets = new Map(
    Array.from({ length: users }, (_, index) => [`bench_${index}`, `old-${index}-Secret`] as const),
  );
  const lines = [...secrets].map(
    ([name, secret]) => `user ${name} on #${sha256Hex(secret)} ~* +@read +@connection`,
  );
  const target = await startTargetRedis(lines);
  if ('missing' in target) return { name: 'rotate Redis users', skipped: target.missing };
  try {
    const ours = await timeCampaign({ connector: 'redis', config: target.config }, secrets);
    const rawPerSecond = await bareLoop(target.port, [...secrets.keys()].slice(0, 1_000));
    return {
      name: 'rotate Redis users',
      credentials: ours.credentials,
      perSecond: round(ours.perSecond),
      wantedPerSecond,
      rawPerSecond: round(rawPerSecond),
      ratio: round(ours.perSecond / rawPerSecond),
    };
  } finally {
    await target.close();
  }

  /** Change, one accepted login, two refused logins, kill; nothing is saved, nothing is written down. */
  async function bareLoop(port: number, names: string[]): Promise<number> {
    if ('missing' in target) return 0;
    const admin = new Redis({ port, username: 'admin', password: target.adminPassword.reveal() });
    const startedAt = performance.now();
    await pMap(
      names,
      async (name) => {
        await admin.call('ACL', 'SETUSER', name, 'resetpass', `#${sha256Hex(`new-${name}`)}`);
        const login = new Redis({
          port,
          username: name,
          password: `new-${name}`,
          retryStrategy: () => null,
          lazyConnect: true,
          enableReadyCheck: false,
        });
        login.on('error', () => undefined);
        await login.connect();
        for (let attempt = 0; attempt < 2; attempt++)
          await login.call('AUTH', name, 'the-old-one').catch(() => undefined);
        login.disconnect();
        await admin.call('CLIENT', 'KILL', 'USER', name);
      },
      { concurrency: 32 },
    );
    admin.disconnect();
    return names.length / ((performance.now() - startedAt) / 1_000);
  }
}
