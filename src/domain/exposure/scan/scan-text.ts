/**
 * All secrets in one string. Two passes of cheap patterns find candidates; only around a candidate is anything
 * parsed, so that text without secrets costs little more than being read.
 */
import { limits } from '../../../kernel/limits.ts';
import { assignmentFindings, elementPattern } from './recognise/assignments.ts';
import { jwtAt } from './recognise/jwt.ts';
import { isPlaceholder } from './recognise/placeholders.ts';
import { plainAssertions, samlFacts } from './recognise/saml.ts';
import { namedFindings, secretlintFindings, secretlintLiterals } from './recognise/secretlint.ts';
import { eachSecretSeparator } from './recognise/separators.ts';
import { decoded, mayHaveUserInfo, userInfoFindings } from './recognise/urls.ts';
import type { Finding } from './types.ts';

/** The beginnings, in base64, of `{"`, `<sam`, `<?xm`, `<Res` and `-----BEGIN`. */
const encodedLiterals = ['eyJ', 'PHNhbW', 'PD94bW', 'PFJlc3', 'LS0tLS1CRUdJ'] as const;

// It matches one rare character and then looks back, so that most positions fail at once.
const literals = new RegExp(`[_\\-.JWN3](?<=${secretlintLiterals}|${encodedLiterals.join('|')})`, 'g');
const elements = new RegExp(elementPattern, 'gi');
/** Web pages are full of tags and name no element for a secret. */
const webPage = /<(?:!doctype html|html|head|body|script|div)\b/i;

/** Where two recognisers take the same characters, the lower rank wins. */
const rank = { named: 0, userInfo: 1, secretlint: 2, saml: 3, jwt: 4, assignment: 5, encoded: 6 } as const;
type Ranked = Finding & { rank: number };
type Add = (rank: number, findings: readonly Finding[]) => void;

/** The secrets in `text`, in order, no two over the same characters. `depth` counts encodings inside encodings. */
export function scanText(text: string, depth = 0): Finding[] {
  if (text.length < 8) return [];
  const found: Ranked[] = [];
  const add: Add = (rank, findings) => {
    for (const finding of findings) if (!isPlaceholder(finding.value)) found.push({ ...finding, rank });
  };
  if (mayHaveUserInfo(text)) add(rank.userInfo, userInfoFindings(text));
  addLiterals(text, depth, add);
  addAssignments(text, add);
  if (text.includes('Assertion')) add(rank.saml, plainAssertions(text));
  if (depth < limits.scanNestingMax && text.includes('%')) addPercentEncoded(text, depth, add);
  return found.length < 2 ? found : withoutOverlaps(found);
}

function addLiterals(text: string, depth: number, add: Add): void {
  for (let at = 0; ; ) {
    // Nested scans use the same pattern, so the position is not left to it.
    literals.lastIndex = at;
    if (literals.exec(text) === null) return;
    at = literals.lastIndex;
    const encoded = encodedLiterals.find((literal) => text.startsWith(literal, at - literal.length));
    if (encoded === undefined) add(rank.secretlint, secretlintFindings(text, at));
    else at = Math.max(at, addEncoded(text, at - encoded.length, depth, add));
  }
}

function addAssignments(text: string, add: Add): void {
  eachSecretSeparator(text, (at) => {
    add(rank.secretlint, namedFindings(text, at));
    // The field shows where an assertion begins and ends; found by its first letters it may be cut by an encoding.
    for (const finding of assignmentFindings(text, at))
      add(finding.kind === 'saml-assertion' ? rank.named : rank.assignment, [finding]);
  });
  if (!text.includes('</') || webPage.test(text.slice(0, 1_024))) return;
  for (const { index } of text.matchAll(elements)) add(rank.assignment, assignmentFindings(text, index));
}

const base64Run = /[A-Za-z0-9+/_-]{16,1048576}={0,2}/y;

/** A token, an assertion, or text in base64 that begins at `start`. Gives the offset after it. */
function addEncoded(text: string, start: number, depth: number, add: Add): number {
  // Inside a longer run of base64 the literal stands there by chance; then its neighbours are no text.
  if (!isPrintable(Buffer.from(text.slice(start, start + 16), 'base64'))) return start;
  const token = jwtAt(text, start);
  if (token) {
    add(rank.jwt, [token]);
    return token.end;
  }
  base64Run.lastIndex = start;
  const run = base64Run.exec(text)?.[0];
  if (run === undefined) return start;
  const end = start + run.length;
  const facts = samlFacts(run);
  if (facts) add(rank.saml, [{ kind: 'saml-assertion', class: 'session', value: run, start, end, ...facts }]);
  else if (depth < limits.scanNestingMax)
    addNested(scanText(Buffer.from(run, 'base64').toString('utf8'), depth + 1), run, start, add);
  return end;
}

const isPrintable = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte >= 32 || byte === 10 || byte === 13 || byte === 9);

/** Percent-encoded JSON and URLs inside `text`, such as the value of a parameter. */
function addPercentEncoded(text: string, depth: number, add: Add): void {
  const marks = /%(?:22|3A|7B|25)/gi;
  for (let match = marks.exec(text); match; match = marks.exec(text)) {
    let start = match.index;
    let end = match.index + 3;
    while (start > 0 && end - start < 4_096 && !/[\s"'<>&?]/.test(text[start - 1] ?? ' ')) start--;
    while (end < text.length && end - start < 65_536 && !/[\s"'<>&]/.test(text[end] ?? ' ')) end++;
    const run = text.slice(start, end);
    const plain = decoded(run);
    if (plain !== run) addNested(scanText(plain, depth + 1), run, start, add);
    marks.lastIndex = end;
  }
}

/** What was found inside an encoding stands, for the outer text, where the encoded run stands. */
function addNested(findings: readonly Finding[], run: string, start: number, add: Add): void {
  add(
    rank.encoded,
    findings.map((finding) => ({ ...finding, carrier: run, start, end: start + run.length })),
  );
}

function withoutOverlaps(found: Ranked[]): Finding[] {
  found.sort((a, b) => a.start - b.start || a.rank - b.rank);
  const kept: Ranked[] = [];
  for (const finding of found) {
    const last = kept.at(-1);
    const apart = last === undefined || finding.start >= last.end;
    if (apart || (last.rank === rank.encoded && finding.rank === rank.encoded)) kept.push(finding);
    else if (finding.rank < last.rank) kept[kept.length - 1] = merged(finding, last);
    else kept[kept.length - 1] = merged(last, finding);
  }
  return kept;
}

/** Two readings of the same value: the better one, with the name and account that the other one knows. */
function merged(better: Ranked, other: Ranked): Ranked {
  if (better.value !== other.value) return better;
  return { ...better, name: better.name ?? other.name, account: better.account ?? other.account };
}
