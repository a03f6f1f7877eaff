/** OpenSSH's patterns: `*` is any text, `?` is one character. The time is bounded by both lengths multiplied. */

/** Whether the whole text fits the pattern; both in the same case. */
export function matchesGlob(pattern: string, text: string): boolean {
  let [at, star, retry] = [0, -1, 0];
  let index = 0;
  while (index < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      [star, retry] = [at++, index];
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** Whether one of the patterns fits and none with `!` before it does. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let fits = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchesGlob(negated ? pattern.slice(1) : pattern, text)) continue;
    if (negated) return false;
    fits = true;
  }
  return fits;
}
