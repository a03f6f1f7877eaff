/** How a Redis server is named in firebreak.yaml. */
import { z } from 'zod';
import { AdminSecret, Host, Lockout, Port, Tls } from '../config.ts';

export const RedisConfig = z.strictObject({
  host: Host,
  port: Port.default(6379),
  user: z.string().min(1).default('default'),
  password: AdminSecret,
  tls: Tls.optional(),
  /**
   * How a change outlives a restart of the server: `acl-save` writes its ACL file, `config-rewrite` its
   * configuration file, `none` leaves it to somebody else. `auto` takes the first that the server has.
   */
  persist: z.enum(['auto', 'acl-save', 'config-rewrite', 'none']).default('auto'),
  lockout: Lockout.optional(),
});
export type RedisConfig = z.output<typeof RedisConfig>;
