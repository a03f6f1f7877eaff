/**
 * Findings of Kingfisher, `--format json` (objects with an array `findings`, one for each repository; early
 * versions: the array itself) and `--format jsonl` (one finding a line).
 * https://github.com/mongodb/kingfisher/blob/main/src/reporter.rs
 */
import { Secret } from '../../../kernel/secret.ts';
import { withoutAbsent } from './check-values.ts';
import { isObject, type JsonObject, textAt, valueAt } from './json-values.ts';
import { attributesOf, classOfRule, placeOf, scannerTime, slugOf } from './scanner-parts.ts';
import type { Reading } from './types.ts';

/** Records of a report that are no findings. */
const otherRecords = ['access_map', 'audit', 'metadata'];

export function readKingfisher(entry: JsonObject): Reading {
  if (!isObject(entry.finding) && otherRecords.some((key) => Object.hasOwn(entry, key))) return 'skip';
  const rule = textAt(entry, 'rule.id') ?? textAt(entry, 'rule.name');
  if (rule === undefined) return { fault: { field: 'rule.id', expected: 'the id of a rule' } };
  const finding = valueAt(entry, 'finding');
  const text = textAt(finding, 'snippet');
  if (text === undefined) return { fault: { field: 'finding.snippet', expected: 'the secret' } };
  const redacted = text.startsWith('[REDACTED');
  const commit = textAt(finding, 'git_metadata.commit.id');
  const record = withoutAbsent({
    kind: slugOf(rule),
    class: classOfRule(`${rule} ${textAt(entry, 'rule.name') ?? ''}`),
    secret: redacted ? undefined : new Secret(text),
    place: placeOf({ file: textAt(finding, 'path'), line: textAt(finding, 'line'), commit }),
    // What stood in a commit was set no later than that.
    changedNoLaterThan: scannerTime(textAt(finding, 'git_metadata.commit.date')),
    attributes: attributesOf({
      scanner: 'kingfisher',
      rule,
      redacted: redacted ? 'yes' : undefined,
      verified: textAt(finding, 'validation.status'),
      confidence: textAt(finding, 'confidence'),
      fingerprint: textAt(finding, 'fingerprint'),
      repository: textAt(finding, 'git_metadata.repository_url'),
    }),
  });
  return { record };
}
