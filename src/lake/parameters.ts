/** Parameters as the engine's clients take them alike. */
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import type { LakeParameters } from './lake.ts';

export type BoundParameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | readonly number[]>
>;

/** Times become text with milliseconds: the embedded engine's own client leaves them off. */
export function bindParameters(parameters: LakeParameters = {}): BoundParameters {
  let bytes = 0;
  const bound = Object.entries(parameters).map(([name, value]) => {
    const ready = value instanceof Date ? timeText(value) : value;
    bytes += Array.isArray(ready)
      ? ready.reduce((sum, item) => sum + Buffer.byteLength(String(item)), 0)
      : Buffer.byteLength(String(ready));
    return [name, ready] as const;
  });
  if (bytes > limits.lakeStatementBytesMax)
    throw new FirebreakError(
      'limit_exceeded',
      `the parameters of a statement have at most ${limits.lakeStatementBytesMax} bytes`,
    );
  return Object.fromEntries(bound) as BoundParameters;
}

/** `2023-11-23 16:00:00.123`, in UTC; whole seconds without a fraction, so that DateTime takes them too. */
function timeText(time: Date): string {
  if (Number.isNaN(time.getTime())) throw new FirebreakError('bad_input', 'a parameter is no time');
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');
}
