/** When things happen: people in their office hours and time zones, machines around the clock. */
import type { Cast, Person } from './cast.ts';
import { offices } from './cast-names.ts';
import type { Dice } from './dice.ts';

const hourMs = 3_600_000;
/** Activity by the local hour, 0 to 23. */
const workday = [1, 1, 1, 1, 1, 2, 5, 15, 55, 90, 100, 95, 70, 80, 95, 90, 75, 50, 20, 10, 6, 4, 3, 2];
const weekend = 0.04;
/** Thanksgiving and the day after, where it is a holiday. */
const holidays = [Date.UTC(2023, 10, 23), Date.UTC(2023, 10, 24)];

/** How busy an hour is; only the proportion counts. */
export type Rhythm = (hourStart: number) => number;

/** People at work, all offices together. */
export const officeHours: Rhythm = (hourStart) =>
  offices.reduce((sum, _, office) => sum + activity(office, hourStart), 0);

/** Machines at `part` of the mean, and people for the rest. */
export function mixed(part: number): Rhythm {
  const mean = officeHours(Date.UTC(2023, 10, 15, 14)) * 0.35;
  return (hourStart) => part * mean + (1 - part) * officeHours(hourStart);
}

function activity(office: number, hourStart: number): number {
  const place = offices[office];
  if (!place) return 0;
  const local = new Date(hourStart + place.offset * hourMs);
  const day = local.getUTCDay();
  const dayStart = Math.floor(local.getTime() / (24 * hourMs)) * 24 * hourMs;
  const free = day === 0 || day === 6 || (place.thanksgiving && holidays.includes(dayStart));
  return place.share * (workday[local.getUTCHours()] ?? 1) * (free ? weekend : 1);
}

/** Draws people as they are at work: an office by its activity in this hour, then somebody of it. */
export class Attendance {
  readonly #byOffice: Person[][];
  readonly #dice: Dice;
  #hour = Number.NaN;
  #edges: number[] = [];

  constructor(cast: Cast, dice: Dice) {
    this.#dice = dice;
    this.#byOffice = offices.map((_, office) => cast.people.filter((person) => person.office === office));
  }

  at(time: number): Person {
    const hour = Math.floor(time / hourMs);
    if (hour !== this.#hour) this.#turn(hour);
    const edges = this.#edges;
    const drawn = this.#dice.unit() * (edges[edges.length - 1] ?? 0);
    let office = 0;
    while (office < edges.length - 1 && drawn >= (edges[office] ?? 0)) office++;
    return this.#dice.pick(this.#byOffice[office] ?? []);
  }

  #turn(hour: number): void {
    this.#hour = hour;
    let sum = 0;
    this.#edges = offices.map((_, office) => {
      sum += activity(office, hour * hourMs);
      return sum;
    });
  }
}
