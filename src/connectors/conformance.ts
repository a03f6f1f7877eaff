/**
 * One suite for every connector, run against its real server. A case is a named function that throws when the
 * connector breaks the contract; it needs no test framework, so that `firebreak connector conformance` and
 * `npm test` run the same ones. What a connector needs for it lives in its folder: `harness.ts`.
 */
import { inspect } from 'node:util';
import { systemClock } from '../kernel/clock.ts';
import { systemRandom } from '../kernel/random.ts';
import type { Secret } from '../kernel/secret.ts';
import { abortCases } from './conformance/aborts.ts';
import { actCases } from './conformance/acts.ts';
import { leakCases } from './conformance/leaks.ts';
import { startRelay } from './conformance/relay.ts';
import { sessionCases } from './conformance/sessions.ts';
import type { Bench, ConformanceCase, Harness } from './conformance/types.ts';
import { verdictCases } from './conformance/verdicts.ts';
import type { AnyConnector, Ports } from './contract.ts';

export type { Bench, ConformanceCase, Estate, Harness, OpenSession, Sample } from './conformance/types.ts';

/** The cases in their order; the search for leaked secrets comes last and covers all of them. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...verdictCases,
  ...actCases,
  ...sessionCases,
  ...abortCases,
  ...leakCases,
];

/** Starts the server of a connector and opens a session at it, or says what is missing. */
export async function prepareBench(
  connector: AnyConnector,
  harness: Harness,
): Promise<Bench | { missing: string }> {
  const estate = await harness.start();
  if ('missing' in estate) return estate;
  const relay = await startRelay(estate.port, estate.answerOddly);
  const notes: string[] = [];
  const secrets: Secret[] = [...estate.secrets];
  const note = <T>(value: T): T => {
    notes.push(inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null }));
    return value;
  };
  const keep = (secret: Secret): Secret => {
    secrets.push(secret);
    return secret;
  };
  const stop = new AbortController();
  const session = await connector.open(connector.config.parse(estate.config(relay.port)), {
    ...capturingPorts(notes),
    signal: stop.signal,
  });
  return {
    connector,
    estate,
    relay,
    session,
    kinds: Object.entries(connector.kinds),
    signal: stop.signal,
    create: async (kind) => {
      const sample = await estate.create(kind);
      keep(sample.secret);
      return sample;
    },
    note,
    keep,
    noted: () => notes.join('\n'),
    secrets,
    close: async () => {
      await session[Symbol.asyncDispose]();
      await relay.close();
      await estate[Symbol.asyncDispose]();
    },
  };
}

function capturingPorts(notes: string[]): Omit<Ports, 'signal'> {
  const write = (facts: object, message: string) => {
    notes.push(`${message} ${inspect(facts, { depth: Number.POSITIVE_INFINITY, showHidden: true })}`);
  };
  const log = { debug: write, info: write, warn: write, error: write };
  return { clock: systemClock, random: systemRandom, log, fetch };
}
