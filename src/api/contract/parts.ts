/** Parts that several routes share. */
import { z } from 'zod';
import { limits } from '../../kernel/limits.ts';

/** ISO 8601, UTC. */
export const Time = z.string().meta({ format: 'date-time' });
export const Count = z.number();

/** A name of a person or a thing, as somebody types it. */
export const Name = z.string().trim().min(1, 'a name').max(limits.apiNameCharsMax);

/** Free text, as somebody types it. */
export const Sentence = z.string().trim().min(1, 'some text').max(limits.apiTextCharsMax);

/** A path on the machine of the server: absolute, because the caller may stand in another folder. */
export const FilePath = z
  .string()
  .regex(/^(\/|[A-Za-z]:[\\/])[^\0]*$/, 'an absolute path')
  .max(limits.apiPathCharsMax);

/** Of an incident: its id, the beginning of its id, or `current` for the only open one. */
export const IncidentParam = z.object({ incident: z.string().min(1).max(64) });

/** One page: `after` is the last ref of the page before. */
export const pageQuery = {
  after: z.string().max(4_096).optional(),
  limit: z.coerce.number().int().min(1).max(limits.apiPageRowsMax).default(limits.apiPageRowsMax),
};

/** `true` or `false` in a query. */
export const Flag = z
  .enum(['true', 'false'])
  .optional()
  .transform((value) => value === 'true');

/** What starts long work gives back. */
export const JobStarted = z.object({ job: z.string() }).meta({ id: 'JobStarted' });
