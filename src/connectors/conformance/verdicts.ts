/** Cases about what a verdict may say (law 3). */
import { randomPassword, systemRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import { asPrincipal } from '../contract.ts';
import { expect, expectAccepted, expectIndeterminate, expectRejected } from './expect.ts';
import type { ConformanceCase } from './types.ts';

export const verdictCases: ConformanceCase[] = [
  {
    name: 'a live credential is accepted as its principal, and a wrong secret is rejected with a code',
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        const wrong = bench.keep(new Secret(randomPassword(systemRandom)));
        expectAccepted(
          bench.note(await bench.session.verify(sample.target, sample.secret, bench.signal)),
          sample.principal,
          kind,
        );
        expectRejected(
          bench.note(await bench.session.verify(sample.target, wrong, bench.signal)),
          `a wrong ${kind}`,
        );
      }
    },
  },
  {
    name: "what the system's record says of a secret is what a login says",
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        const wrong = bench.keep(new Secret(randomPassword(systemRandom)));
        const live = bench.note(await bench.session.recognises?.(sample.target, sample.secret, bench.signal));
        const dead = bench.note(await bench.session.recognises?.(sample.target, wrong, bench.signal));
        expect(live === true || live === undefined, `the record knows a live ${kind}`, live);
        expect(dead === false || dead === undefined, `the record does not know a wrong ${kind}`, dead);
      }
    },
  },
  {
    name: 'a secret that no protocol can carry as it stands is never accepted and never shown',
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        const hostile = bench.keep(new Secret(`Zq7-line\r\nbreak-é-"quote"-'${'x'.repeat(40)}`));
        const verdict = bench.note(await bench.session.verify(sample.target, hostile, bench.signal));
        expect(verdict.verdict !== 'accepted', 'a hostile secret is not accepted', verdict);
      }
    },
  },
  {
    name: 'accepted as somebody else is indeterminate',
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const [one, other] = [await bench.create(kind), await bench.create(kind)];
        const verdict = bench.note(await bench.session.verify(one.target, one.secret, bench.signal));
        expectAccepted(verdict, one.principal, kind);
        expect(one.principal !== other.principal, 'the harness makes credentials of different principals');
        expectIndeterminate(
          asPrincipal(verdict, other.principal),
          ['wrong-principal'],
          'the wrong principal',
        );
      }
    },
  },
  {
    name: 'an error code that nobody knows is indeterminate',
    run: async (bench) => {
      const samples = await Promise.all(bench.kinds.map(([kind]) => bench.create(kind)));
      bench.relay.set('odd');
      try {
        for (const sample of samples) {
          const verdict = bench.note(await bench.session.verify(sample.target, sample.secret, bench.signal));
          expectIndeterminate(verdict, ['unknown-error', 'protocol'], 'an unknown error code');
        }
      } finally {
        bench.relay.set('pass');
      }
    },
  },
  {
    name: 'a server that is down gives indeterminate, errors for acts, and no lasting harm',
    run: async (bench) => {
      const samples = await Promise.all(bench.kinds.map(([kind]) => bench.create(kind)));
      await bench.estate.stop();
      try {
        for (const sample of samples) {
          const verdict = bench.note(await bench.session.verify(sample.target, sample.secret, bench.signal));
          expectIndeterminate(verdict, ['unreachable'], 'a verdict without a server');
          await expectErrors(bench, sample.target);
        }
      } finally {
        await bench.estate.start();
      }
      for (const sample of samples) {
        const verdict = bench.note(await bench.session.verify(sample.target, sample.secret, bench.signal));
        expectAccepted(verdict, sample.principal, 'a credential after the server came back');
      }
    },
  },
];

async function expectErrors(
  bench: Parameters<ConformanceCase['run']>[0],
  target: Parameters<typeof bench.session.verify>[0],
) {
  const { session, signal } = bench;
  const acts = [
    session.endSessions?.(target, undefined, signal),
    session.contain?.(target, signal),
    session.release?.(target, signal),
  ];
  for (const act of acts) {
    const outcome = bench.note(await act);
    if (!outcome || outcome.outcome === 'unsupported') continue;
    expect(
      outcome.outcome === 'error' && outcome.retry === 'later',
      'an act without a server is an error to be tried later',
      outcome,
    );
  }
  const probe = bench.note(await session.probeSessions?.(target, undefined, signal));
  if (probe)
    expect(probe.verdict === 'indeterminate', 'sessions of a server that is down are not counted', probe);
}
