/** How a PostgreSQL server is named in firebreak.yaml. */
import { z } from 'zod';
import { AdminSecret, Host, Lockout, Port, Tls } from '../config.ts';

export const PostgresConfig = z.strictObject({
  host: Host,
  port: Port.default(5432),
  /** Where the administrative role works, and where credentials are tried. */
  database: z.string().min(1).default('postgres'),
  user: z.string().min(1),
  password: AdminSecret,
  tls: Tls.optional(),
  /** Administrative connections that are open at a time. */
  connections: z.int().min(1).max(32).default(4),
  lockout: Lockout.optional(),
});
export type PostgresConfig = z.output<typeof PostgresConfig>;
