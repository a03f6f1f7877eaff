/** What makes the text of a script, unit or hook look like an intruder's: each trait a pattern with a name and words. */

interface Trait {
  id: string;
  /** Follows "its text". */
  words: string;
  /** What it adds to the score of what carries it. */
  weight: number;
  /** Gaps are bounded: the text may be made to cost time. */
  pattern: RegExp;
}

export const traits: readonly Trait[] = [
  {
    id: 'reverse-shell',
    words: 'opens a shell to the network',
    weight: 35,
    pattern:
      /\/dev\/(tcp|udp)\/|\b(nc|ncat|netcat)\b[^\n]{0,200}\s-[a-z]{0,8}[ec]\b|\bbash\s+-i\b|\bsocat\b[^\n]{0,200}\bexec:|\bsocket\.socket\b[^\n]{0,200}\b(dup2|subprocess|pty)\b/i,
  },
  {
    id: 'fetch-and-run',
    words: 'runs what it fetches',
    weight: 30,
    pattern:
      /\b(curl|wget|fetch)\b[^\n]{0,200}(\|\s{0,20}(sudo\s{1,20})?\S{0,80}sh\b|&&\s{0,20}(sh|bash|chmod)\b|-o-?\s{0,20}\S{1,200}\s{0,20};\s{0,20}(sh|bash|chmod)\b)/,
  },
  {
    id: 'encoded',
    words: 'decodes what it runs',
    weight: 25,
    pattern:
      /\bbase64\s+(-d|--decode|-D)\b|\bxxd\s+-r\b|\bopenssl\s+enc\b[^\n]{0,200}-d\b|\beval\b[^\n]{0,200}(base64|\\x[0-9a-f]{2})/,
  },
  {
    id: 'temporary-path',
    words: 'uses a folder that anyone may write to',
    weight: 20,
    pattern: /(^|[\s"'=(:;|&])(\/tmp|\/var\/tmp|\/dev\/shm)\/[^\s"';]/m,
  },
  {
    id: 'hidden-path',
    words: 'names a hidden file outside of a home',
    weight: 20,
    pattern:
      /(\/(usr|opt|var|lib|etc|srv|tmp|dev|run|bin|sbin)(\/[^\s"';:]{0,200})?)\/\.(?!\.?\/|git\b|build-id)[^\s/"';:]/,
  },
  {
    id: 'makes-suid',
    words: 'gives a program another user’s rights',
    weight: 30,
    pattern: /\bchmod\s+(-R\s+)?(0?[4267][0-7]{3}|[ugo]*\+[rwx]*s)\b|\bsetcap\b\s+cap_/,
  },
  {
    id: 'makes-access',
    words: 'makes an account or lets a key in',
    weight: 30,
    pattern: /\b(useradd|adduser|usermod|chpasswd)\b|authorized_keys|>>\s*\/etc\/(passwd|shadow|sudoers)/,
  },
  {
    id: 'preload',
    words: 'loads a library into other programs',
    weight: 25,
    pattern: /\bLD_(PRELOAD|AUDIT)\s*=/,
  },
  { id: 'loads-module', words: 'loads a kernel module', weight: 20, pattern: /\binsmod\b/ },
  {
    id: 'inline-code',
    words: 'carries a program in a command line',
    weight: 15,
    pattern: /\b(python[0-9.]*|perl|ruby|php)\s+-[a-zA-Z]*[cer]\b/,
  },
  {
    id: 'java-agent',
    words: 'loads an agent into a Java machine',
    weight: 25,
    pattern: /-javaagent:|-agentpath:|-agentlib:(?!jdwp\b)/,
  },
];

/** Ids of the traits that a text has. */
export function traitsOf(text: string): string[] {
  if (text === '') return [];
  const acts = actsOf(text);
  return traits.filter(({ pattern }) => pattern.test(acts)).map(({ id }) => id);
}

/** A text without comments: what is left does something. sudo's `#include` is no comment. */
export const actsOf = (text: string): string => text.replace(/^[ \t]*(#(?!include)|;|\/\/).*$/gm, '');

/** The words of some traits, for a sentence, and the largest weight among them. */
export function weigh(ids: readonly string[]): { words: string; weight: number } {
  const known = traits.filter(({ id }) => ids.includes(id));
  return {
    words: known.map(({ words }) => words).join(', '),
    weight: Math.max(0, ...known.map(({ weight }) => weight)),
  };
}
