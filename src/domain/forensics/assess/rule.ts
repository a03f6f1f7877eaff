/** What a rule is: a pure function over one fact, with a score and the words that explain it. */
import { limits } from '../../../kernel/limits.ts';
import { weigh } from '../artifacts/traits.ts';
import type { Fact } from '../types.ts';
import type { HostView } from './host-view.ts';

/** From here on a finding is named. */
export const findingScoreLine = limits.hostFindingScoreLine;

export interface Judgement {
  score: number;
  /** A sentence or two, with what was seen. */
  why: string;
  /** Where it differs from the rule's. */
  technique?: string;
}

export interface Rule {
  /** Kebab-case, unique. */
  id: string;
  title: string;
  /** The ATT&CK technique that it names. */
  technique: string;
  /** The artifact whose facts it judges. */
  artifact: string;
  judge(fact: Fact, host: HostView): Judgement | undefined;
}

/** What a text's traits add to a score, and their words as a sentence. */
export function withTraits(fact: Fact, score: number, why: string): Judgement {
  const { words, weight } = weigh((fact.detail.traits ?? '').split(' '));
  return { score: score + weight, why: words === '' ? why : `${why}; its text ${words}` };
}

export const hasTraits = (fact: Fact): boolean => (fact.detail.traits ?? '') !== '';

/** Folders that anyone may write to. */
export const isTemporary = (path: string): boolean =>
  /^\/(tmp|var\/tmp|dev\/shm|run\/(user|lock|shm)|var\/lock)\//.test(path);

/** A hidden file or folder outside of the homes’ usual ones. */
export const isHidden = (path: string): boolean =>
  /\/\.[^/]/.test(
    path.replace(
      /^\/(root|home\/[^/]+)\/\.(local|config|cache|cargo|rustup|nvm|pyenv|npm|vscode[^/]*|sdkman|asdf|rbenv|dotnet|bun|deno)\//,
      '/',
    ),
  );

export const shells = /\/(ba|da|z|k|c|tc|fi)?sh$|\/busybox$/;
export const interpreters =
  /\/(python[0-9.]*|perl[0-9.]*|ruby[0-9.]*|php[0-9.]*|node|lua[0-9.]*|tclsh[0-9.]*|nc|ncat|netcat|nc\.(openbsd|traditional)|socat)$/;
