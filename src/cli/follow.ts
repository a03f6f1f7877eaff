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

/** Waits until a campaign rests: finished, stopped, paused or cancelled. Ctrl-C pauses it. */
export async function followCampaign(io: Io, plan: string): Promise<CampaignView> {
  const client = await io.client();
  const view = io.progress('Rotating');
  const restore = io.onInterrupt(() => {
    io.say('Pausing after the stage that is under way. Ctrl-C again ends at once; nothing is lost.');
    unwrap(client.v1.rotations[':plan'].pause.$post({ param: { plan } })).catch(() => undefined);
  });
  try {
    for await (const _ of ticks()) {
      const progress = await patiently(() =>
        unwrap(client.v1.rotations[':plan'].progress.$get({ param: { plan } })),
      );
      view.update(shownCampaign(progress));
      if (progress.status !== 'running') break;
    }
    return await patiently(() => unwrap(client.v1.rotations[':plan'].$get({ param: { plan } })));
  } finally {
    restore();
    view.end();
  }
}

/** Stages move evenly where members end in bursts, so they drive the bar; members are what people count. */
function shownCampaign({ steps, total, done, failed, indeterminate, wave, waves }: CampaignProgress) {
  const stagesEach = total === 0 ? 1 : steps.total / total;
  const bad = failed + indeterminate;
  const at = [
    ...(wave === null ? [] : [`wave ${wave} of ${waves}`]),
    `${number(done)} proven dead`,
    ...(bad === 0 ? [] : [`${plural(bad, 'member')} in trouble`]),
  ];
  return { done: Math.floor(steps.reached / stagesEach), total, unit: 'credentials', at: at.join(', ') };
}

/** Waits until a collection rests. Ctrl-C pauses it. */
export async function followCollection(
  io: Io,
  param: { incident: string; collection: string },
): Promise<CollectionProgressView> {
  const client = await io.client();
  const routes = client.v1.incidents[':incident'].collections[':collection'];
  const view = io.progress('Examining');
  const restore = io.onInterrupt(() => {
    io.say('Pausing after the hosts that are under way. Ctrl-C again ends at once; nothing is lost.');
    unwrap(routes.pause.$post({ param })).catch(() => undefined);
  });
  try {
    for await (const _ of ticks()) {
      const progress = await patiently(() => unwrap(routes.progress.$get({ param })));
      const { examined, partial, refused, unreachable } = progress.census;
      const at = `${number(examined)} examined, ${number(partial)} partial, ${number(refused)} refused, ${number(unreachable)} unreachable`;
      view.update({ done: progress.done, total: progress.done + progress.pending, unit: 'hosts', at });
      if (progress.status !== 'running') return progress;
    }
  } finally {
    restore();
    view.end();
  }
  throw new FirebreakError('internal', 'a collection is waited for until it rests');
}

/** Waits until a reboot plan rests. Ctrl-C pauses it. */
export async function followReboot(io: Io, plan: string): Promise<RebootView> {
  const client = await io.client();
  const routes = client.v1.reboots[':plan'];
  const param = { plan };
  const view = io.progress('Restarting');
  const restore = io.onInterrupt(() => {
    io.say(
      'Pausing when the hosts that are being restarted are back. Ctrl-C again ends at once; nothing is lost.',
    );
    unwrap(routes.pause.$post({ param })).catch(() => undefined);
  });
  try {
    for await (const _ of ticks()) {
      const progress = await patiently(() => unwrap(routes.progress.$get({ param })));
      const { wave, waves, done, failed, indeterminate, total } = progress;
      const bad = failed + indeterminate;
      const at = [
        ...(wave === null ? [] : [`wave ${wave} of ${waves}`]),
        `${number(done)} proven`,
        ...(bad === 0 ? [] : [`${plural(bad, 'host')} in trouble`]),
      ];
      view.update({ done: done + bad, total, unit: 'hosts', at: at.join(', ') });
      if (progress.status !== 'running') break;
    }
    return await patiently(() => unwrap(routes.$get({ param })));
  } finally {
    restore();
    view.end();
  }
}
