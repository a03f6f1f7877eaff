/**
 * Finds every `:` and `=` that follows the name of a secret. Bodies are full of both, so most are dropped by
 * a look into a table of name endings; only what passes is matched by a pattern.
 */

/** What the names of secrets end in. Wider than the names themselves, which are judged afterwards. */
export const nameTails =
  'pass|word|passwd|phrase|passcode|pwd|(?:pass(?:word|wd)?|pwd)[-_]?(?:\\d|confirm(?:ation)?|repeat|again|old|new|current)' +
  '|pin(?:code)?|key|token|secret(?:[-_]?(?:value|string))?|session[-_]?id|sid|credentials?|auth(?:orization)?|jwt' +
  '|assertion|cookie|samlresponse|wresult|token[-_]hint|device[-_]code|code[-_]verifier';

/** `"name": "password", "value"` and `name="password" value`: the secret's name stands before the word value. */
const thenValue = '(?:["\'\\\\]{1,8}[\\s,]+["\'\\\\]{0,8}value)?';

/** Parameters whose names mean a secret only in a URL or a form. */
const parameters = '[?&;](?:sig|signature|x-(?:amz|goog)-signature|ticket|code|otp)';

const separator = new RegExp(
  `(?<=(?:(?:${nameTails})${thenValue}|${parameters})["'\`\\\\]{0,8}\\s*)[:=]`,
  'iy',
);

/** The last three characters of everything that the pattern accepts before quotes and white space. */
const endings =
  'ass ord swd pwd ase ode irm ion eat ain old new ent pin key ken ret lue ing nid -id _id sid ial als uth jwt kie nse ult int ier sig ure ket otp';

/** Three characters, five bits of each: letters fall together with their capitals, which is meant, and with some signs. */
const table = new Uint8Array(32_768);
for (const ending of endings.split(' ')) table[slotOf(ending, 2)] = 1;

function slotOf(text: string, last: number): number {
  const [a, b, c] = [text.charCodeAt(last - 2), text.charCodeAt(last - 1), text.charCodeAt(last)];
  return ((a & 31) << 10) | ((b & 31) << 5) | (c & 31);
}

/** Calls `visit` with the offset of each such separator: first all colons, then all equals signs. */
export function eachSecretSeparator(text: string, visit: (at: number) => void): void {
  for (const sign of [':', '=']) {
    for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
      if (!mayFollowSecret(text, at)) continue;
      separator.lastIndex = at;
      if (separator.test(text)) visit(at);
    }
  }
}

function mayFollowSecret(text: string, at: number): boolean {
  let last = at - 1;
  let code = text.charCodeAt(last);
  while (isGap(code)) code = text.charCodeAt(--last);
  // password2, password_2
  if (code >= 48 && code <= 57) code = text.charCodeAt(--last);
  if (code === 45 || code === 95) last--;
  return last >= 2 && table[slotOf(text, last)] === 1;
}

/** White space or a kind of quote. */
const isGap = (code: number): boolean =>
  code === 34 || code === 92 || code === 32 || code === 39 || code === 96 || (code >= 9 && code <= 13);
