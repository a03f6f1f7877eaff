/** Long reads of the hunt: they say how far they are, end when they are not wanted, and take the time that they need. */
import { limits } from '../../kernel/limits.ts';
import type { ReadOptions } from '../../lake/index.ts';
import type { HuntContext, Watch } from './types.ts';

/** One pass over the events: how many the engine has read, of those that it will. */
export const passOf = ({ onProgress }: Watch, at: string): ReadOptions => ({
  onRows: (rows, total) => onProgress?.(rows, total, at, 'events'),
});

/** The context of a verb, each of whose reads ends with the verb. */
export const whileWanted = (context: HuntContext, { signal }: Watch): HuntContext => ({
  ...context,
  lake: async () => {
    const lake = await context.lake();
    const usual: ReadOptions = { signal, msMax: limits.lakeStreamMsMax };
    return {
      ...lake,
      rows: (sql, parameters, options) => lake.rows(sql, parameters, { ...usual, ...options }),
      stream: (sql, parameters, options) => lake.stream(sql, parameters, { ...usual, ...options }),
    };
  },
});
