/** Cases about a server that takes the connection and never answers. */

import { systemRandom } from '../../kernel/random.ts';
import type { Outcome, SessionProbe, Target, Verdict } from '../contract.ts';
import { expect, expectAccepted, expectIndeterminate, kindsOf } from './expect.ts';
import type { Bench, ConformanceCase } from './types.ts';

/** How soon after the abort a call must be over. */
const promptMs = 1_000;

export const abortCases: ConformanceCase[] = [
  {
    name: 'an abort ends every call at once, with indeterminate or an error, and the session works on',
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        bench.relay.set('swallow');
        try {
          for (const [name, call] of calls(bench, sample.target)) await expectPrompt(bench, name, call);
          const verdict = await expectPrompt(bench, 'verify', (signal) =>
            bench.session.verify(sample.target, sample.secret, signal),
          );
          expectIndeterminate(verdict, ['aborted'], 'an aborted verify');
        } finally {
          bench.relay.set('pass');
        }
        await expectRecovery(bench, kind);
      }
    },
  },
  {
    name: 'a call that is aborted before it begins does nothing',
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        const verdict = bench.note(
          await bench.session.verify(sample.target, sample.secret, AbortSignal.abort()),
        );
        expectIndeterminate(verdict, ['aborted'], 'a verify under an aborted signal');
      }
    },
  },
];

type Call = (signal: AbortSignal) => Promise<Verdict | SessionProbe | Pick<Outcome, 'outcome'>>;

function calls(bench: Bench, target: Target): [string, Call][] {
  const { session } = bench;
  const { issue } = session;
  const all: [string, Call | undefined][] = [
    [
      'endSessions',
      session.endSessions && ((signal) => session.endSessions?.(target, undefined, signal) ?? never()),
    ],
    [
      'probeSessions',
      session.probeSessions && ((signal) => session.probeSessions?.(target, undefined, signal) ?? never()),
    ],
    ['contain', session.contain && ((signal) => session.contain?.(target, signal) ?? never())],
  ];
  if (issue?.style === 'set')
    all.push([
      'set',
      (signal) => issue.set(target, bench.keep(issue.generate(target, systemRandom)), signal),
    ]);
  if (issue?.style === 'mint' && kindsOf(bench, 'overlap').includes(target.kind))
    all.push(['mint', (signal) => issue.mint(target, 'aborted', signal)]);
  return all.flatMap(([name, call]): [string, Call][] => (call ? [[name, call]] : []));
}

const never = (): never => {
  throw new Error('a capability that was there is gone');
};

async function expectPrompt<T extends { verdict: string } | { outcome: string }>(
  bench: Bench,
  name: string,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const started = call(stop.signal);
  setTimeout(() => stop.abort(), 100);
  const abortedAt = performance.now() + 100;
  const result = bench.note(await started);
  const tookMs = Math.round(performance.now() - abortedAt);
  expect(tookMs < promptMs, `${name} ends within ${promptMs} ms of its abort`, `${tookMs} ms`);
  const answer = 'verdict' in result ? result.verdict : result.outcome;
  expect(
    ['indeterminate', 'error', 'unsupported'].includes(answer),
    `${name} reports that it was aborted`,
    result,
  );
  return result;
}

async function expectRecovery(bench: Bench, kind: string): Promise<void> {
  const sample = await bench.create(kind);
  expectAccepted(
    bench.note(await bench.session.verify(sample.target, sample.secret, bench.signal)),
    sample.principal,
    'verify afterwards',
  );
  const probe = bench.note(await bench.session.probeSessions?.(sample.target, undefined, bench.signal));
  if (probe && bench.estate.openSession && kindsOf(bench, 'swap', 'overlap').includes(kind))
    expect(probe.verdict === 'counted', 'the session works on after an abort', probe);
}
