/**
 * Findings of gitleaks v8, `gitleaks ... --report-format json`: one JSON array.
 * https://github.com/gitleaks/gitleaks/blob/master/report/finding.go
 */
import { Secret } from '../../../kernel/secret.ts';
import { withoutAbsent } from './check-values.ts';
import { type JsonObject, textAt } from './json-values.ts';
import { attributesOf, classOfRule, placeOf, scannerTime, slugOf } from './scanner-parts.ts';
import type { Reading } from './types.ts';

export function readGitleaks(finding: JsonObject): Reading {
  const rule = textAt(finding, 'RuleID');
  if (rule === undefined) return { fault: { field: 'RuleID', expected: 'the id of a rule' } };
  const text = textAt(finding, 'Secret');
  if (text === undefined) return { fault: { field: 'Secret', expected: 'the secret' } };
  const redacted = isRedacted(text);
  const commit = textAt(finding, 'Commit');
  const record = withoutAbsent({
    kind: slugOf(rule),
    class: classOfRule(rule),
    secret: redacted ? undefined : new Secret(text),
    place: placeOf({ file: textAt(finding, 'File'), line: textAt(finding, 'StartLine'), commit }),
    // What stood in a commit was set no later than that.
    changedNoLaterThan: commit === undefined ? undefined : scannerTime(textAt(finding, 'Date')),
    attributes: attributesOf({
      scanner: 'gitleaks',
      rule,
      redacted: redacted ? 'yes' : undefined,
      author: textAt(finding, 'Email') ?? textAt(finding, 'Author'),
      fingerprint: textAt(finding, 'Fingerprint'),
      link: textAt(finding, 'Link'),
    }),
  });
  return { record };
}

/** `--redact` leaves `REDACTED`; `--redact=20` leaves the secret's begin and three dots. */
const isRedacted = (text: string): boolean => /^REDACT(ED)?$/.test(text) || text.endsWith('...');
