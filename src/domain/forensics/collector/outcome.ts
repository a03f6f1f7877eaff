/** Says of one artifact whether it is whole, and why not. What is not known to be whole is never called so. */
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { Artifact } from '../artifacts/artifact.ts';
import type { ArtifactOutcome, Fact } from '../types.ts';
import { headOf, type Row } from './records.ts';

export interface Payload {
  artifact: Artifact;
  rows: readonly Row[];
  bytes: number;
  /** Why the frame is not whole, or empty. */
  broken: string;
  facts: Fact[] | Error;
}

export function outcomeOf(payload: Payload): { outcome: ArtifactOutcome; facts: Fact[] } {
  const { artifact, rows, bytes, broken } = payload;
  const truncated = bytes >= artifact.bytesMax;
  const notes = rows.filter(({ tag }) => tag === 'note').map(({ text }) => printable(headOf(text)[0]));
  const absent = rows.find(({ tag }) => tag === 'none');
  const done = rows.at(-1)?.tag === 'done' ? rows.at(-1)?.text.trim() : undefined;
  const facts = payload.facts instanceof Error ? [] : payload.facts.slice(0, limits.collectFactsMax);
  const reasons = [
    ...notes,
    ...(payload.facts instanceof Error
      ? [`its output could not be read: ${printable(payload.facts.message)}`]
      : []),
    ...(payload.facts instanceof Error || facts.length === payload.facts.length
      ? []
      : [`it has more than ${limits.collectFactsMax} entries`]),
    broken,
    truncated ? `cut off at ${artifact.bytesMax} bytes` : '',
    !truncated && broken === '' && (done === undefined || isKilled(done))
      ? `it took more than ${artifact.secondsMax} s`
      : '',
  ].filter(Boolean);
  const base = { artifact: artifact.id, bytes, truncated };
  if (payload.facts instanceof Error)
    return { outcome: { ...base, state: 'failed', why: reasons.join('; ') }, facts };
  if (reasons.length > 0) {
    const state = facts.length === 0 && broken !== '' ? 'failed' : 'partial';
    return { outcome: { ...base, state, why: reasons.join('; ') }, facts };
  }
  if (absent && facts.length === 0)
    return {
      outcome: { ...base, state: 'missing', why: printable(headOf(absent.text)[0]) || 'the host has none' },
      facts,
    };
  return { outcome: { ...base, state: 'collected', why: '' }, facts };
}

/** The exit code of a fragment that its time limit ended: 124 of timeout, 137 of the signal. */
const isKilled = (code: string | undefined): boolean => code === '124' || code === '137';
