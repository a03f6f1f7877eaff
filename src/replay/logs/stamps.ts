/** Times as the vendors write them. The part down to the minute is kept, because neighbouring events share it. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
const minuteMs = 60_000;

const pad2 = (value: number): string => two[value] ?? String(value);
const pad3 = (value: number): string =>
  value < 10 ? `00${value}` : value < 100 ? `0${value}` : String(value);

export class Stamps {
  #minute = Number.NaN;
  #iso = '';
  #spaced = '';
  #common = '';
  #syslog = '';

  /** 2023-11-15T16:28:38.000Z */
  iso(at: number): string {
    this.#turn(at);
    return `${this.#iso}${second(at)}.${pad3(at % 1000)}Z`;
  }

  /** 2023-11-15T16:28:38Z */
  isoSeconds(at: number): string {
    this.#turn(at);
    return `${this.#iso}${second(at)}Z`;
  }

  /** 2023-11-15T16:28:38.000123Z; the microseconds are of our making. */
  isoMicros(at: number, micros: number): string {
    this.#turn(at);
    return `${this.#iso}${second(at)}.${pad3(at % 1000)}${pad3(micros)}Z`;
  }

  /** 2023-11-15 16:28:38 and what follows the second: ',000' or '.000 UTC'. */
  spaced(at: number, separator: string, zone = ''): string {
    this.#turn(at);
    return `${this.#spaced}${second(at)}${separator}${pad3(at % 1000)}${zone}`;
  }

  /** 2023-11-15 16:28:38 UTC */
  spacedSeconds(at: number): string {
    this.#turn(at);
    return `${this.#spaced}${second(at)} UTC`;
  }

  /** 15/Nov/2023:16:28:38 +0000, of the Common Log Format. */
  common(at: number): string {
    this.#turn(at);
    return `${this.#common}${second(at)} +0000`;
  }

  /** Nov 15 16:28:38, of RFC 3164, without a year; a day below ten has a space before it. */
  syslog(at: number): string {
    this.#turn(at);
    return `${this.#syslog}${second(at)}`;
  }

  #turn(at: number): void {
    const minute = Math.floor(at / minuteMs);
    if (minute === this.#minute) return;
    this.#minute = minute;
    const date = new Date(at);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    const clock = `${pad2(date.getUTCHours())}:${pad2(date.getUTCMinutes())}:`;
    const name = months[month] ?? '';
    this.#iso = `${year}-${pad2(month + 1)}-${pad2(day)}T${clock}`;
    this.#spaced = `${year}-${pad2(month + 1)}-${pad2(day)} ${clock}`;
    this.#common = `${pad2(day)}/${name}/${year}:${clock}`;
    this.#syslog = `${name} ${String(day).padStart(2, ' ')} ${clock}`;
  }
}

const second = (at: number): string => pad2(Math.floor(at / 1000) % 60);

/** A moment of the schedule: `11-14 09:22:49`, of 2023 and in UTC, also without seconds or with thousandths. */
export function moment(text: string): number {
  const match = /^(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?)?$/.exec(text);
  if (!match) throw new RangeError(`no moment of 2023: ${text}`);
  const [month, day, hour, minute, seconds, thousandths] = match.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(2023, (month ?? 1) - 1, day, hour, minute, seconds, thousandths);
}

/** 20231115, as rotated files are named. */
export const dayName = (at: number, separator = ''): string =>
  new Date(at).toISOString().slice(0, 10).replaceAll('-', separator);
