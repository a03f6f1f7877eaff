import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import { describe, expect, test } from 'vitest';
import { scanText } from '../scan-text.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** `count` letters and digits; put together at run time, so that no scanner takes this file for a leak. */
const chars = (count: number): string =>
  [...randomBytes(count)].map((byte) => alphabet[byte % alphabet.length]).join('');
const pem = (type: 'pkcs1' | 'pkcs8'): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type, format: 'pem' })
    .toString()
    .trim();
/** The rule wants the closing brace to be encoded as `fQ`. */
function opsToken(): string {
  for (let length = 100; ; length++) {
    const text = Buffer.from(JSON.stringify({ email: 'a@b.example', secretKey: chars(length) }))
      .toString('base64')
      .replace(/=+$/, '');
    if (text.endsWith('fQ')) return `ops_${text}`;
  }
}

interface Sample {
  rule: string;
  text: string;
  /** What the hit must hold when the rule's own match is wider. */
  secret: string;
  filePath?: string;
  ext?: string;
}

/** One or more samples for each rule of the preset. */
function samples(): Sample[] {
  const simple: [string, string][] = [
    ['npm', `npm_${chars(36)}`],
    ['slack', `xoxb-${1}${chars(11)}-${chars(12)}-${chars(24)}`],
    ['slack', `xapp-1-${chars(11)}-${chars(13)}-${chars(40)}`],
    ['slack', `https://hooks.slack.com/services/T${chars(8)}/B${chars(8)}/${chars(24)}`],
    ['sendgrid', `SG.${chars(22)}.${chars(43)}`],
    ...['shpat', 'shpca', 'shppa', 'shpss'].map((prefix): [string, string] => [
      'shopify',
      `${prefix}_${chars(32)}`,
    ]),
    ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map((prefix): [string, string] => [
      'github',
      `${prefix}_${chars(36)}`,
    ]),
    ['github', `github_pat_${chars(82)}`],
    ['openai', `sk-${chars(20)}T3BlbkFJ${chars(20)}`],
    ['openai', `sk-proj-${chars(74)}T3BlbkFJ${chars(74)}`],
    ['anthropic', `sk-ant-api03-${chars(93)}AA`],
    ['linear', `lin_api_${chars(40)}`],
    ['1password', opsToken()],
    ['privatekey', pem('pkcs1')],
    ['privatekey', pem('pkcs8')],
  ];
  const key = chars(40);
  const password = `${chars(12)}9`;
  const account = {
    type: 'service_account',
    private_key_id: chars(40),
    private_key: `${pem('pkcs8')}\n`,
    client_email: 'robot@p.example',
  };
  const oauth = chars(40);
  const auth = chars(36);
  return [
    ...simple.map(([rule, secret]) => ({ rule, text: secret, secret })),
    { rule: 'aws', text: `AWS_SECRET_ACCESS_KEY=${key}`, secret: key },
    {
      rule: 'aws',
      text: `"SecretAccessKey"  :  "${key}"`.replace('SecretAccessKey', 'secretAccessKey'),
      secret: key,
    },
    { rule: 'gcp', text: JSON.stringify(account, null, 2), secret: account.private_key.trim(), ext: '.json' },
    { rule: 'npm', text: `//registry.npmjs.org/:_authToken=${auth}`, secret: auth, filePath: '.npmrc' },
    { rule: 'npm', text: `https://${oauth}:x-oauth-basic@github.com/a/b`, secret: oauth },
    { rule: 'basicauth', text: `https://robot:${password}@ci.example.net/x`, secret: password },
    {
      rule: 'database-connection-string',
      text: `postgresql://app:${password}@db.internal:5432/app`,
      secret: password,
    },
    {
      rule: 'database-connection-string',
      text: `mongodb+srv://app:${password}@db.internal/app?w=1`,
      secret: password,
    },
    {
      rule: 'database-connection-string',
      text: `jdbc:mysql://app:${password}@db.internal/app`,
      secret: password,
    },
  ];
}

/** What the rule itself reports for the whole text, without any filter of ours before it. */
function reports({ rule, text, filePath = '', ext = '' }: Sample): number {
  let count = 0;
  const context = {
    sharedOptions: {},
    createTranslator: () => () => ({ message: '', messageId: '', data: {} }),
    report: () => count++,
    ignore: () => {},
  };
  const creator = rules.find(({ meta }) => meta.id === `@secretlint/secretlint-rule-${rule}`);
  creator
    ?.create(context as never, {})
    .file?.({ content: text, filePath, ext, contentType: 'text' } as never);
  return count;
}

describe('the rules of the recommended preset', () => {
  test('each has a sample, but for the one that would let the scanned text switch the scan off', () => {
    const sampled = new Set(samples().map(({ rule }) => rule));
    const all = rules.map(({ meta }) => meta.id.replace('@secretlint/secretlint-rule-', ''));
    expect(all.filter((rule) => !sampled.has(rule))).toEqual(['filter-comments']);
  });

  const filler = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(400);
  const settings: [string, (text: string) => string][] = [
    ['alone', (text) => text],
    ['at the end of much text', (text) => `${filler}\n${text}`],
    ['in the midst of much text', (text) => `${filler}\n${text}\n${filler}`],
    [
      'between marks that switch secretlint off',
      (text) => `<!-- secretlint-disable -->\n${text}\n<!-- secretlint-enable -->`,
    ],
  ];
  for (const sample of samples()) {
    test(`${sample.rule}: what the rule reports is found, wherever it stands (${sample.text.slice(0, 8)})`, () => {
      expect(reports(sample)).toBeGreaterThan(0);
      for (const [, set] of settings) {
        const text = set(sample.text);
        const found = scanText(text);
        expect(found.map(({ value }) => value)).toContain(sample.secret);
        for (const { start, end, value, carrier } of found)
          expect(text.slice(start, end)).toBe(carrier ?? value);
      }
    });
  }

  test('a key has one identity, in PEM and inside JSON', () => {
    const key = pem('pkcs8');
    const values = [key, JSON.stringify({ key }), JSON.stringify(JSON.stringify({ key }))].map(
      (text) => scanText(text)[0]?.value,
    );
    expect(new Set(values)).toEqual(new Set([key]));
  });
});
