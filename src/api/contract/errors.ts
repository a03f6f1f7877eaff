/** How the API says what went wrong. */
import { z } from 'zod';

const Fault = z.object({
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  field: z.string().optional(),
  expected: z.string(),
  got: z.string().optional(),
});

export const ErrorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      retry: z.enum(['never', 'later']),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      faults: z.array(Fault),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;
