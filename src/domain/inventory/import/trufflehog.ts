/**
 * Findings of TruffleHog v3, `trufflehog ... --json`: one JSON object a line.
 * https://github.com/trufflesecurity/trufflehog/blob/main/pkg/output/json.go
 */
import { Secret } from '../../../kernel/secret.ts';
import { withoutAbsent } from './check-values.ts';
import { isObject, type JsonObject, textAt, valueAt } from './json-values.ts';
import { attributesOf, classOfRule, placeOf, scannerTime, slugOf } from './scanner-parts.ts';
import type { Reading } from './types.ts';

export function readTruffleHog(finding: JsonObject): Reading {
  const detector = textAt(finding, 'DetectorName');
  if (detector === undefined) return { fault: { field: 'DetectorName', expected: 'the name of a detector' } };
  const parts = secretParts(finding, detector);
  if (!parts) return { fault: { field: 'Raw', expected: 'the raw secret' } };
  const { kind: source, data } = sourceOf(finding);
  const record = withoutAbsent({
    kind: slugOf(detector),
    class: classOfRule(detector),
    ...parts,
    place: placeIn(data),
    // What stood in a commit was set no later than that.
    changedNoLaterThan: scannerTime(textAt(data, 'timestamp')),
    attributes: attributesOf({
      scanner: 'trufflehog',
      detector,
      decoder: textAt(finding, 'DecoderName'),
      verified: verification(finding),
      source,
      repository: textAt(data, 'repository'),
      link: textAt(data, 'link'),
    }),
  });
  return { record };
}

/**
 * `Raw` is the secret, except for AWS, where it is the id of the access key. `RawV2` runs id and secret
 * together, in an order and with a separator that depend on the detector.
 */
function secretParts(finding: JsonObject, detector: string) {
  const raw = textAt(finding, 'Raw');
  const both = textAt(finding, 'RawV2');
  if (raw === undefined && both === undefined) return undefined;
  if (detector.startsWith('AWS') && raw !== undefined && both?.startsWith(`${raw}:`))
    // A session key has a third part, its token.
    return {
      principal: textAt(finding, 'ExtraData.arn') ?? raw,
      secret: new Secret(both.slice(raw.length + 1).split(':')[0] ?? ''),
    };
  const rest = raw !== undefined && both !== undefined && both !== raw ? [both, ...around(both, raw)] : [];
  return {
    secret: new Secret(raw ?? both ?? ''),
    secretAlternatives: rest.length > 0 ? rest.map((text) => new Secret(text)) : undefined,
  };
}

/** What stands before or behind `part`, without the separator. */
function around(whole: string, part: string): string[] {
  const rest = whole.startsWith(part)
    ? whole.slice(part.length)
    : whole.endsWith(part)
      ? whole.slice(0, -part.length)
      : '';
  return rest === ''
    ? []
    : [...new Set([rest, rest.replace(/^[:;|]|[:;|]$/g, '')])].filter((text) => text !== '');
}

/** `SourceMetadata.Data` has one field, named by the kind of source. */
function sourceOf(finding: JsonObject): { kind?: string; data: JsonObject } {
  const sources = valueAt(finding, 'SourceMetadata.Data');
  const [kind, data] = Object.entries(isObject(sources) ? sources : {})[0] ?? [];
  return { kind, data: isObject(data) ? data : {} };
}

function placeIn(data: JsonObject): string | undefined {
  const file = ['file', 'filename', 'path', 'issue', 'page', 'link']
    .map((key) => textAt(data, key))
    .find(Boolean);
  return placeOf({ file, line: textAt(data, 'line'), commit: textAt(data, 'commit') });
}

function verification(finding: JsonObject): string {
  if (valueAt(finding, 'Verified') === true) return 'yes';
  return textAt(finding, 'VerificationError') === undefined ? 'no' : 'could not be tried';
}
