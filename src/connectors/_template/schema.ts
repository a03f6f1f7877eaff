/** How a Template server is named in firebreak.yaml. */
import { z } from 'zod';
import { AdminSecret, Host, Lockout, Port } from '../config.ts';

export const TemplateConfig = z.strictObject({
  host: Host,
  port: Port,
  user: z.string().min(1),
  password: AdminSecret,
  lockout: Lockout.optional(),
});
export type TemplateConfig = z.output<typeof TemplateConfig>;
