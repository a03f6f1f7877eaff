/**
 * The general secret patterns, by the rules of secretlint's recommended preset. The rules run only on a window
 * around a literal that they can't match without, because each of them walks its whole input.
 *
 * The rules are called as the preset exports them and not through @secretlint/core: its profiler keeps marks
 * of every call for the life of the process. Two rules are left to recognisers here that find at least as
 * much (`basicauth` and `database-connection-string`, see urls.ts); `filter-comments` is left out because
 * what is scanned must not be able to switch the scan off.
 */
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { CredentialClass } from '../../../../connectors/contract.ts';
import { printable } from '../../../../kernel/text.ts';
import type { Finding, HitKind } from '../types.ts';

type RuleName = Extract<HitKind, `secretlint:${string}`> extends `secretlint:${infer Name}` ? Name : never;

/** A literal, the rules that need it, how far around it they may reach, and what a match is. */
interface Trigger {
  literal: RegExp;
  rules: readonly RuleName[];
  before: number;
  after: number;
}

const triggers: readonly Trigger[] = [
  { literal: /npm_$/, rules: ['npm'], before: 8, after: 80 },
  { literal: /(?:gh[pousr]|github_pat)_$/, rules: ['github'], before: 16, after: 120 },
  { literal: /shp(?:pa|ca|at|ss)_$/, rules: ['shopify'], before: 8, after: 80 },
  { literal: /lin_api_$/, rules: ['linear'], before: 12, after: 160 },
  { literal: /ops_$/, rules: ['1password'], before: 8, after: 1_400 },
  { literal: /xox[bpaor]-$|xapp-$/, rules: ['slack'], before: 8, after: 600 },
  { literal: /hooks\.$/i, rules: ['slack'], before: 20, after: 200 },
  { literal: /sk-ant-$/, rules: ['anthropic'], before: 12, after: 200 },
  { literal: /T3BlbkFJ$/, rules: ['openai'], before: 120, after: 120 },
  { literal: /SG\.$/, rules: ['sendgrid'], before: 8, after: 500 },
  { literal: /-----BEGIN$/, rules: ['privatekey'], before: 16, after: 11_000 },
];

/** All literals in one pass. Each ends in a character of the first set, so that most positions fail at once. */
export const secretlintLiterals =
  '(?:npm|gh[pousr]|github_pat|shp(?:pa|ca|at|ss)|lin_api|ops)_|(?:xox[bpaor]|xapp|sk-ant)-|(?:[hH]ooks|HOOKS|SG)\\.|T3BlbkFJ|-----BEGIN';

const classes: Readonly<Record<RuleName, CredentialClass>> = {
  '1password': 'api-token',
  anthropic: 'api-token',
  aws: 'cloud-key',
  gcp: 'cloud-key',
  github: 'api-token',
  linear: 'api-token',
  npm: 'api-token',
  openai: 'api-token',
  privatekey: 'signing-key',
  sendgrid: 'api-token',
  shopify: 'api-token',
  slack: 'api-token',
};

const byName = new Map(rules.map((rule) => [rule.meta.id.replace('@secretlint/secretlint-rule-', ''), rule]));

/** The matches of the rules that need the literal which ends at `end` of `text`. */
export function secretlintFindings(text: string, end: number): Finding[] {
  const tail = text.slice(Math.max(0, end - 12), end);
  const trigger = triggers.find(({ literal }) => literal.test(tail));
  if (!trigger) return [];
  const from = Math.max(0, end - 12 - trigger.before);
  const window = text.slice(from, end + trigger.after);
  if (trigger.rules.includes('privatekey')) return privateKeyFindings(text, end, window.slice(end - from));
  return trigger.rules.flatMap((rule) => runRule(rule, window, from));
}

/** For names that end in access key or auth token: the rules that match name and value together. */
export function namedFindings(text: string, separator: number): Finding[] {
  const name = text.slice(Math.max(0, separator - 24), separator);
  const isAccessKey = /access_?key["']?\s*$/i.test(name);
  if (!isAccessKey && !/_authToken$/.test(name)) return [];
  const from = Math.max(0, separator - 60);
  if (!isAccessKey) {
    const [line = ''] = text.slice(separator, separator + 500).split('\n', 1);
    return runRule('npm', text.slice(from, separator) + line, from, '.npmrc');
  }
  const account = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/.exec(
    text.slice(Math.max(0, separator - 400), separator + 400),
  )?.[0];
  return runRule('aws', text.slice(from, separator + 200), from).map((finding) => ({ ...finding, account }));
}

/** What a rule says of a match. `data` holds it under one of these names; the range is not always that of the secret. */
interface Report {
  range: readonly [number, number];
  message: { data?: { KEY?: string; TOKEN?: string; ID?: string; URL?: string; FILE_NAME?: string } };
}

function runRule(name: RuleName, content: string, offset: number, filePath = '', ext = ''): Finding[] {
  const rule = byName.get(name);
  const found: Finding[] = [];
  const context = {
    sharedOptions: {},
    // The text of the message would hold the secret, so none is made.
    createTranslator: () => (_: unknown, data: object) => ({ message: '', messageId: '', data }),
    report({ range, message: { data = {} } }: Report) {
      const value = data.KEY ?? data.TOKEN ?? data.ID ?? data.URL ?? content.slice(...range);
      const start = content.indexOf(value, range[0]);
      const at = offset + (start < 0 ? range[0] : start);
      found.push({
        kind: `secretlint:${name}`,
        class: classOf(name, value),
        value,
        start: at,
        end: at + value.length,
      });
    },
    ignore() {},
  };
  const source = { content, filePath, ext, contentType: 'text' };
  rule?.create(context as never, {}).file?.(source as never);
  return found;
}

const classOf = (name: RuleName, value: string): CredentialClass =>
  name === 'privatekey' && value.includes('OPENSSH') ? 'ssh-key' : classes[name];

const keyHead = /^\s?(?:(?:RSA|DSA|EC|OPENSSH|PGP)\s)?PRIVATE KEY/;

/** The key whose head begins before `end`. `after`: the text from there, as far as a key may reach. */
function privateKeyFindings(text: string, end: number, after: string): Finding[] {
  // Heads without a key cost next to nothing, however many a hostile text has.
  const foot = keyHead.test(after) ? after.indexOf('-----END') : -1;
  const nextHead = after.indexOf('-----BEGIN');
  if (foot < 0 || (nextHead >= 0 && nextHead < foot)) return [];
  const tail = after.indexOf('-----', foot + 8);
  const stop = tail < 0 ? end + foot : end + tail + 5;
  return [...gcpFindings(text, end), ...keyFindings(text.slice(end - '-----BEGIN'.length, stop), stop)];
}

/**
 * A key inside JSON text has `\\n` for its line ends, in JSON inside JSON more of it; its fingerprint must be
 * that of the key itself.
 */
function keyFindings(raw: string, end: number): Finding[] {
  const plain = raw.replace(/\\+r/g, '').replace(/\\+n/g, '\n').replaceAll('\r\n', '\n');
  const [key] = runRule('privatekey', plain, 0);
  return key ? [{ ...key, carrier: raw === key.value ? undefined : raw, start: end - raw.length, end }] : [];
}

const gcpFileMax = 8_192;

/** A service account's key file is one flat object: the rule wants all of it, as JSON. */
function gcpFindings(text: string, end: number): Finding[] {
  const from = Math.max(0, end - gcpFileMax);
  const around = text.slice(from, end + gcpFileMax);
  const open = from + around.lastIndexOf('{', end - from);
  const close = from + around.indexOf('}', end - from);
  if (open < from || close < from) return [];
  const object = text.slice(open, close + 1);
  if (!object.includes('private_key_id') || runRule('gcp', object, open, '', '.json').length === 0) return [];
  const { private_key: key, client_email: email } = JSON.parse(object) as Record<string, unknown>;
  if (typeof key !== 'string') return [];
  const value = key.trim();
  const carrier = JSON.stringify(value).slice(1, -1);
  const at = text.indexOf(carrier, open);
  const account = typeof email === 'string' ? printable(email) : undefined;
  const start = at < 0 ? open : at;
  return [
    {
      kind: 'secretlint:gcp',
      class: 'cloud-key',
      account,
      value,
      carrier,
      start,
      end: at < 0 ? close + 1 : start + carrier.length,
    },
  ];
}
