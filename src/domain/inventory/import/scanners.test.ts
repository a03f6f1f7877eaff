import { describe, expect, it } from 'vitest';
import { readGitleaks } from './gitleaks.ts';
import type { JsonObject } from './json-values.ts';
import { readKingfisher } from './kingfisher.ts';
import { classOfRule, scannerTime, slugOf } from './scanner-parts.ts';
import { readTruffleHog } from './trufflehog.ts';
import type { Reading } from './types.ts';

/** The record with its secrets open, for comparison. */
function opened(reading: Reading) {
  if (reading === 'skip' || 'fault' in reading) throw new Error('no record');
  const { secret, secretAlternatives, ...rest } = reading.record;
  return {
    ...rest,
    secret: secret?.reveal(),
    alternatives: secretAlternatives?.map((other) => other.reveal()),
  };
}

describe('TruffleHog', () => {
  const finding = (changes: JsonObject): JsonObject => ({
    SourceMetadata: {
      Data: {
        Git: {
          commit: 'abc123',
          file: 'deploy/prod.env',
          email: 'Dev <dev@example.test>',
          repository: 'https://git.example.test/shop.git',
          timestamp: '2023-06-16 10:17:40 -0700 PDT',
          line: 4,
        },
      },
    },
    SourceName: 'trufflehog - git',
    DetectorName: 'Github',
    DecoderName: 'PLAIN',
    Verified: true,
    Raw: 'ghp_example',
    RawV2: '',
    Redacted: '',
    ExtraData: null,
    ...changes,
  });

  it('gives the secret, its place and how old it is at least', () => {
    expect(opened(readTruffleHog(finding({})))).toEqual({
      kind: 'github',
      class: 'api-token',
      secret: 'ghp_example',
      place: 'deploy/prod.env:4@abc123',
      changedNoLaterThan: new Date('2023-06-16T17:17:40Z'),
      attributes: {
        scanner: 'trufflehog',
        detector: 'Github',
        decoder: 'PLAIN',
        verified: 'yes',
        source: 'Git',
        repository: 'https://git.example.test/shop.git',
      },
    });
  });

  it('takes the id and the secret of an AWS key apart', () => {
    const aws = finding({ DetectorName: 'AWS', Raw: 'AKIAEXAMPLE', RawV2: 'AKIAEXAMPLE:wJalr/secret+key' });
    expect(opened(readTruffleHog(aws))).toMatchObject({
      kind: 'aws',
      class: 'cloud-key',
      principal: 'AKIAEXAMPLE',
      secret: 'wJalr/secret+key',
    });
    const session = finding({
      DetectorName: 'AWSSessionKey',
      Raw: 'ASIA1',
      RawV2: 'ASIA1:key:session',
      ExtraData: { arn: 'arn:aws:iam::1:user/x' },
    });
    expect(opened(readTruffleHog(session))).toMatchObject({
      principal: 'arn:aws:iam::1:user/x',
      secret: 'key',
    });
  });

  it('gives every reading of parts that are run together', () => {
    const twoParts = finding({ DetectorName: 'Twilio', Raw: 'sid', RawV2: 'sid:token' });
    expect(opened(readTruffleHog(twoParts))).toMatchObject({
      secret: 'sid',
      alternatives: ['sid:token', ':token', 'token'],
    });
  });

  it('says what could not be verified', () => {
    const verified = (changes: JsonObject) => opened(readTruffleHog(finding(changes))).attributes?.verified;
    expect(verified({ Verified: false })).toBe('no');
    expect(verified({ Verified: false, VerificationError: 'timeout' })).toBe('could not be tried');
  });

  it('rejects what is no finding', () => {
    expect(readTruffleHog({ level: 'info', msg: 'scanning' })).toMatchObject({
      fault: { field: 'DetectorName' },
    });
    expect(readTruffleHog(finding({ Raw: '', RawV2: '' }))).toMatchObject({ fault: { field: 'Raw' } });
  });

  it('makes a hostile file name fit for a screen instead of losing the finding', () => {
    const hostile = finding({
      SourceMetadata: { Data: { Filesystem: { file: '../\u001b[2J\u202e', line: 1 } } },
    });
    expect(opened(readTruffleHog(hostile)).place).toBe('../\\u001b[2J\\u202e:1');
  });
});

describe('gitleaks', () => {
  const finding = {
    RuleID: 'private-key',
    Description: 'Private Key',
    StartLine: 12,
    Match: 'key = -----BEGIN...',
    Secret: '-----BEGIN RSA PRIVATE KEY-----\nabc',
    File: 'ops/id.pem',
    SymlinkFile: '',
    Commit: 'def456',
    Entropy: 5.1,
    Author: 'Dev',
    Email: 'dev@example.test',
    Date: '2024-03-01T09:00:00Z',
    Message: 'add key',
    Tags: [],
    Fingerprint: 'def456:ops/id.pem:private-key:12',
  };

  it('gives the secret, its place and how old it is at least', () => {
    expect(opened(readGitleaks(finding))).toEqual({
      kind: 'private-key',
      class: 'signing-key',
      secret: '-----BEGIN RSA PRIVATE KEY-----\nabc',
      place: 'ops/id.pem:12@def456',
      changedNoLaterThan: new Date('2024-03-01T09:00:00Z'),
      attributes: {
        scanner: 'gitleaks',
        rule: 'private-key',
        author: 'dev@example.test',
        fingerprint: 'def456:ops/id.pem:private-key:12',
      },
    });
  });

  it.each(['REDACTED', 'ghp_ab...'])('keeps a finding whose secret is %s, without a secret', (Secret) => {
    expect(opened(readGitleaks({ ...finding, Secret }))).toMatchObject({
      secret: undefined,
      place: 'ops/id.pem:12@def456',
      attributes: { redacted: 'yes' },
    });
  });

  it('does not date a finding that is in no commit', () => {
    expect(opened(readGitleaks({ ...finding, Commit: '' })).changedNoLaterThan).toBeUndefined();
  });

  it('rejects what is no finding', () => {
    expect(readGitleaks({ Secret: 'x' })).toMatchObject({ fault: { field: 'RuleID' } });
    expect(readGitleaks({ RuleID: 'x', Secret: 7.5 })).toMatchObject({ record: { kind: 'x' } });
    expect(readGitleaks({ RuleID: 'x' })).toMatchObject({ fault: { field: 'Secret' } });
  });
});

describe('Kingfisher', () => {
  const entry = (changes: JsonObject = {}): JsonObject => ({
    rule: { name: 'Slack Token', id: 'kingfisher.slack.2' },
    finding: {
      snippet: 'xoxb-example',
      fingerprint: '17700324489',
      confidence: 'medium',
      entropy: '4.10',
      validation: { status: 'Active Credential', response: 'hello xoxb-example' },
      language: 'Unknown',
      line: 7,
      column_start: 1,
      column_end: 12,
      path: 'bot/config.yml',
      validate_command: 'kingfisher validate xoxb-example',
      git_metadata: {
        repository_url: 'https://git.example.test/bot',
        commit: { id: '0a1b2c', date: '2024-05-01', committer: { name: 'Dev', email: 'dev@example.test' } },
      },
      ...changes,
    },
  });

  it('gives the secret, its place and how old it is at least, and nothing that repeats the secret', () => {
    expect(opened(readKingfisher(entry()))).toEqual({
      kind: 'kingfisher.slack.2',
      class: 'api-token',
      secret: 'xoxb-example',
      place: 'bot/config.yml:7@0a1b2c',
      changedNoLaterThan: new Date('2024-05-01T23:59:59.999Z'),
      attributes: {
        scanner: 'kingfisher',
        rule: 'kingfisher.slack.2',
        verified: 'Active Credential',
        confidence: 'medium',
        fingerprint: '17700324489',
        repository: 'https://git.example.test/bot',
      },
    });
  });

  it('keeps a redacted finding without a secret', () => {
    expect(opened(readKingfisher(entry({ snippet: '[REDACTED:1a2b]' })))).toMatchObject({
      secret: undefined,
      attributes: { redacted: 'yes' },
    });
  });

  it('skips the records that are no findings and rejects what it does not know', () => {
    expect(readKingfisher({ access_map: [] })).toBe('skip');
    expect(readKingfisher({ audit: {} })).toBe('skip');
    expect(readKingfisher({ something: 1 })).toMatchObject({ fault: { field: 'rule.id' } });
    expect(readKingfisher({ rule: { id: 'x' }, finding: {} })).toMatchObject({
      fault: { field: 'finding.snippet' },
    });
  });
});

describe('what scanners share', () => {
  it.each([
    ['aws-access-token', 'cloud-key'],
    ['AWSSessionKey', 'cloud-key'],
    ['kingfisher.aws.2', 'cloud-key'],
    ['PrivateKey', 'signing-key'],
    ['kingfisher.ssh.1 OpenSSH Private Key', 'ssh-key'],
    ['Postgres', 'password'],
    ['URI', 'password'],
    ['GoogleOauth2', 'oauth-token'],
    ['generic-api-key', 'api-token'],
    ['Stripe', 'api-token'],
    ['curl-auth-user', 'unknown'],
  ])('takes a finding of %s for a %s', (rule, credentialClass) => {
    expect(classOfRule(rule)).toBe(credentialClass);
  });

  it('makes a kind of any rule', () => {
    expect(slugOf('AWSSessionKey')).toBe('aws-session-key');
    expect(slugOf('../../Etc Passwd\n')).toBe('etc-passwd');
  });

  it.each([
    ['2022-06-16 10:17:40 -0700 PDT', '2022-06-16T17:17:40.000Z'],
    ['2022-06-16 10:17:40 +0000 UTC', '2022-06-16T10:17:40.000Z'],
    ['2022-06-16T10:17:40Z', '2022-06-16T10:17:40.000Z'],
    ['2022-06-16T10:17:40.123+02:00', '2022-06-16T08:17:40.000Z'],
    ['2022-06-16', '2022-06-16T23:59:59.999Z'],
  ])('reads the time %s', (text, iso) => {
    expect(scannerTime(text)?.toISOString()).toBe(iso);
  });

  it.each(['yesterday', '2022-06-16 10:17:40', '2022-99-16', ''])('does not guess at the time %j', (text) => {
    expect(scannerTime(text)).toBeUndefined();
  });
});
