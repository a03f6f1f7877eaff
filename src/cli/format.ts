/** Numbers, times and sizes as people read them. */

/** `2023-11-23 09:15:02 UTC` */
export function moment(at: string | null): string | null {
  if (at === null) return null;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** `1.5 MB` */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = value < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${step === 0 ? value : (value / 1_000 ** step).toFixed(1)} ${units[step]}`;
}

export { count as number } from '../kernel/text.ts';

/** `12 %`, and never 100 % before it is. */
export const percent = (done: number, total: number): string =>
  total === 0 ? '0 %' : `${Math.floor((done / total) * 100)} %`;
