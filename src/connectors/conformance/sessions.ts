/** Cases about what a credential had opened: rotation alone leaves it alive. */

import { eventually, expect, expectAccepted, expectOutcome, kindsOf, replace } from './expect.ts';
import type { Bench, ConformanceCase, OpenSession, Sample } from './types.ts';

export const sessionCases: ConformanceCase[] = [
  {
    name: 'a session opened before is counted, ended and gone; one opened with the replacement lives on',
    run: async (bench) => {
      for (const kind of kindsOf(bench, 'swap', 'overlap'))
        await endOldSessions(bench, await bench.create(kind));
    },
  },
  {
    name: 'without a cutover every session is ended',
    run: async (bench) => {
      const { openSession } = bench.estate;
      const { endSessions } = bench.session;
      if (!openSession || !endSessions) return;
      for (const kind of kindsOf(bench, 'swap', 'overlap')) {
        const sample = await bench.create(kind);
        const open = await openSession(sample);
        expectOutcome(
          bench.note(await endSessions(sample.target, undefined, bench.signal)),
          ['done'],
          'ending all sessions',
        );
        expect(await eventually(async () => !(await open.isAlive())), 'the session is gone');
        await open.close();
      }
    },
  },
  {
    name: 'contain ends what is open',
    run: async (bench) => {
      const { openSession } = bench.estate;
      const { contain, release } = bench.session;
      if (!openSession || !contain || !release) return;
      for (const kind of kindsOf(bench, 'swap', 'overlap')) {
        const sample = await bench.create(kind);
        const open = await openSession(sample);
        bench.note(await contain(sample.target, bench.signal));
        expect(
          await eventually(async () => !(await open.isAlive())),
          'a contained principal has no session left',
        );
        await open.close();
        bench.note(await release(sample.target, bench.signal));
      }
    },
  },
  {
    name: 'kinds without a replacement have a standing credential for the positive control',
    run: async (bench) => {
      if (kindsOf(bench, 'none').length === 0) return;
      const { control } = bench.session;
      expect(control, 'a control is configured');
      bench.keep(control.secret);
      const verdict = bench.note(await bench.session.verify(control.target, control.secret, bench.signal));
      expectAccepted(verdict, control.principal, 'the control');
    },
  },
];

async function endOldSessions(bench: Bench, sample: Sample): Promise<void> {
  const { openSession } = bench.estate;
  const { endSessions, probeSessions } = bench.session;
  if (!openSession || !endSessions || !probeSessions) return;
  const before = await openSession(sample);
  expect(await before.isAlive(), 'the harness opens sessions');
  const fresh = await replace(bench, sample, 'sessions');
  const after = await openSession({ ...sample, target: fresh.target, secret: fresh.secret });
  const count = async () => bench.note(await probeSessions(sample.target, fresh.cutover, bench.signal));
  if (await before.isAlive()) {
    const counted = await count();
    expect(
      counted.verdict === 'counted' && counted.alive === 1,
      'exactly the old session is counted',
      counted,
    );
    expectOutcome(
      bench.note(await endSessions(sample.target, fresh.cutover, bench.signal)),
      ['done'],
      'ending it',
    );
  }
  await expectOnlyNew(before, after);
  const left = await count();
  expect(left.verdict === 'counted' && left.alive === 0, 'no old session is counted any more', left);
  expectOutcome(
    bench.note(await endSessions(sample.target, fresh.cutover, bench.signal)),
    ['absent'],
    'ending again',
  );
  await expectOnlyNew(before, after);
  await Promise.all([before.close(), after.close()]);
}

async function expectOnlyNew(before: OpenSession, after: OpenSession): Promise<void> {
  expect(await eventually(async () => !(await before.isAlive())), 'the session opened before is gone');
  expect(await after.isAlive(), 'the session opened with the replacement lives on');
}
