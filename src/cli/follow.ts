/** Waits for long work and shows how far it is. The first Ctrl-C asks it to stop and says how to go on. */

import type { z } from 'zod';
import type {
  ProgressView as CampaignProgress,
  CampaignView,
  CollectionProgressView,
  JobProgress,
  RebootView,
} from '../api/contract.ts';
import { unwrap } from '../api/index.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { plural } from '../kernel/text.ts';
import { number } from './format.ts';
import type { Io } from './io.ts';
import type { Step } from './progress.ts';

const firstPollMs = 20;
const lastPollMs = 250;

async function* ticks(): AsyncGenerator<void> {
  for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pauseMs * 1.5, lastPollMs)) {
    yield;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

export interface FollowJob<T> {
  title: string;
  /** Checks the result. */
  schema: z.ZodType<T>;
  /** What a person types to do the rest after Ctrl-C. */
  again: string;
}

/** The result of a job. Throws its error, or `outstanding` when it was interrupted. */
export async function followJob<T>(io: Io, job: string, { title, schema, again }: FollowJob<T>): Promise<T> {
  const client = await io.client();
  const view = io.progress(title);
  let interrupted = false;
  const restore = io.onInterrupt(() => {
    interrupted = true;
    io.say('Stopping. Ctrl-C again ends at once.');
    unwrap(client.v1.jobs[':job'].$delete({ param: { job } })).catch(() => undefined);
  });
  try {
    for await (const _ of ticks()) {
      const { state, progress, result, error } = await unwrap(
        client.v1.jobs[':job'].$get({ param: { job } }),
      );
      if (progress) view.update(shown(progress));
      if (state === 'done') return schema.parse(result);
      if (error) throw new FirebreakError(error.code as FirebreakError['code'], error.message, error);
      if (state === 'cancelled')
        throw stopped(interrupted ? 'it was interrupted' : 'somebody cancelled it', again);
    }
  } finally {
    restore();
    view.end();
  }
  throw new FirebreakError('internal', 'a job is waited for until it ends');
}

const shown = ({ at, pieces, ...progress }: JobProgress) => ({
  ...progress,
  ...(pieces === undefined ? {} : { pieces }),
  ...(at === undefined ? {} : { at }),
});

const stopped = (why: string, again: string): FirebreakError =>
  new FirebreakError(
    'outstanding',
    `not finished: ${why}. What was recorded stays; to do the rest: ${again}`,
  );

const patienceMs = 120_000;

/** Asks again while what answers is away for a moment: the campaign itself waits for it as well. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for await (const _ of ticks()) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof FirebreakError && error.retry === 'later';
      if (!passing || performance.now() > giveUpAt) throw error;
    }
  }
  throw new FirebreakError('internal', 'asking ends with an answer or an error');
}

/** Long work that rests by itself: on a plan, or a collection. */
interface Watched<P extends { status: string }> {
  title: string;
  /** What Ctrl-C pauses after. */
  pausing: string;
  pause(): Promise<unknown>;
  ask(): Promise<P>;
  shown(progress: P): Step;
}

/** Waits until it rests: finished, stopped, paused or cancelled. Ctrl-C pauses it. */
async function watch<P extends { status: string }>(io: Io, watched: Watched<P>): Promise<P> {
  const view = io.progress(watched.title);
  const restore = io.onInterrupt(() => {
    io.say(`Pausing ${watched.pausing}. Ctrl-C again ends at once; nothing is lost.`);
    watched.pause().catch(() => undefined);
  });
  try {
    for await (const _ of ticks()) {
      const progress = await patiently(watched.ask);
      view.update(watched.shown(progress));
      if (progress.status !== 'running') return progress;
    }
  } finally {
    restore();
    view.end();
  }
  throw new FirebreakError('internal', 'what is watched is waited for until it rests');
}

export async function followCampaign(io: Io, plan: string): Promise<CampaignView> {
  const routes = (await io.client()).v1.rotations[':plan'];
  const param = { plan };
  await watch(io, {
    title: 'Rotating',
    pausing: 'after the stage that is under way',
    pause: () => unwrap(routes.pause.$post({ param })),
    ask: () => unwrap(routes.progress.$get({ param })),
    shown: (progress) => {
      // Stages move evenly where members end in bursts, so they drive the bar; members are what people count.
      const { steps, total } = progress;
      const stagesEach = total === 0 ? 1 : steps.total / total;
      const done = Math.floor(steps.reached / stagesEach);
      return { done, total, unit: 'credentials', at: describePlan(progress, 'proven dead', 'member') };
    },
  });
  return patiently(() => unwrap(routes.$get({ param })));
}

export async function followReboot(io: Io, plan: string): Promise<RebootView> {
  const routes = (await io.client()).v1.reboots[':plan'];
  const param = { plan };
  await watch(io, {
    title: 'Restarting',
    pausing: 'when the hosts that are being restarted are back',
    pause: () => unwrap(routes.pause.$post({ param })),
    ask: () => unwrap(routes.progress.$get({ param })),
    shown: (progress) => {
      const { done, failed, indeterminate, total } = progress;
      const at = describePlan(progress, 'proven', 'host');
      return { done: done + failed + indeterminate, total, unit: 'hosts', at };
    },
  });
  return patiently(() => unwrap(routes.$get({ param })));
}

/** `wave 2 of 9, 1,204 proven, 3 hosts in trouble` */
function describePlan(
  { wave, waves, done, failed, indeterminate }: Omit<CampaignProgress, 'steps'>,
  proven: string,
  member: string,
): string {
  const bad = failed + indeterminate;
  return [
    ...(wave === null ? [] : [`wave ${wave} of ${waves}`]),
    `${number(done)} ${proven}`,
    ...(bad === 0 ? [] : [`${plural(bad, member)} in trouble`]),
  ].join(', ');
}

export async function followCollection(
  io: Io,
  param: { incident: string; collection: string },
): Promise<CollectionProgressView> {
  const routes = (await io.client()).v1.incidents[':incident'].collections[':collection'];
  return watch(io, {
    title: 'Examining',
    pausing: 'after the hosts that are under way',
    pause: () => unwrap(routes.pause.$post({ param })),
    ask: () => unwrap(routes.progress.$get({ param })),
    shown: ({ done, pending, census }) => {
      const { examined, partial, refused, unreachable } = census;
      const at = `${number(examined)} examined, ${number(partial)} partial, ${number(refused)} refused, ${number(unreachable)} unreachable`;
      return { done, total: done + pending, unit: 'hosts', at };
    },
  });
}
