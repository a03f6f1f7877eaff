/**
 * AWS CloudTrail: deliveries to S3 for three accounts in two regions, a gzip file each day, and one account whose
 * events are exported as NDJSON. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html
 */
import type { Dice } from '../dice.ts';
import { mixed } from '../rhythm.ts';
import { dayName, Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { diceOf, oneFile, quoted, rotated, type World } from './world.ts';

export interface CloudTrailEvent {
  service: string;
  name: string;
  readOnly: boolean;
  /** The `userIdentity`, as JSON. */
  identity: string;
  ip: string;
  agent: string;
  /** As JSON, or `null`. */
  parameters: string;
  response: string;
  error?: { code: string; message: string };
}

export const awsAccounts = {
  production: '111111111111',
  data: '222222222222',
  /** Behind the apps marketplace, cut off from all else. */
  apps: '333333333333',
  sandbox: '444444444444',
} as const;
const awsRegions = ['us-east-1', 'eu-west-1'] as const;

/** The long-lived key of the forgotten account. An example, not a key. */
export const forgottenKey = 'AKIAIOSFODNN7APPSSVC';

export const iamUser = (account: string, name: string, key: string): string =>
  `{"type":"IAMUser","principalId":"AIDA${name
    .replace(/[^a-z]/g, '')
    .toUpperCase()
    .padEnd(16, 'X')
    .slice(
      0,
      16,
    )}","arn":"arn:aws:iam::${account}:user/${name}","accountId":"${account}","accessKeyId":"${key}","userName":"${name}"}`;

const roles = ['ci-deploy', 'node-autoscaler', 'backup-runner', 'metrics-reader', 'platform-admin'] as const;

const assumedRole = (account: string, role: string, session: string, key: string): string =>
  `{"type":"AssumedRole","principalId":"AROA${role.replace('-', '').toUpperCase().padEnd(16, 'X').slice(0, 16)}:${session}","arn":"arn:aws:sts::${account}:assumed-role/${role}/${session}","accountId":"${account}","accessKeyId":"${key}",` +
  `"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA${role.replace('-', '').toUpperCase().padEnd(16, 'X').slice(0, 16)}","arn":"arn:aws:iam::${account}:role/${role}","accountId":"${account}","userName":"${role}"},"attributes":{"mfaAuthenticated":"false"}}}`;

/** Calls of usual days: what is called, whether it only reads, and what it is given. */
const usual: readonly [service: string, name: string, readOnly: boolean, parameters: string][] = [
  ['ec2', 'DescribeInstances', true, '{"instancesSet":{},"filterSet":{}}'],
  ['ec2', 'DescribeVolumes', true, '{"volumeSet":{}}'],
  ['sts', 'GetCallerIdentity', true, 'null'],
  ['monitoring', 'DescribeAlarms', true, '{"maxRecords":100}'],
  ['monitoring', 'PutMetricAlarm', false, '{"alarmName":"disk-free"}'],
  ['autoscaling', 'DescribeAutoScalingGroups', true, 'null'],
  ['kms', 'Decrypt', true, '{"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}'],
  ['secretsmanager', 'GetSecretValue', true, '{"secretId":"app/runtime"}'],
  ['s3', 'ListBuckets', true, 'null'],
  ['ec2', 'CreateSnapshot', false, '{"volumeId":"vol-0a1b2c3d4e5f60718"}'],
  ['logs', 'CreateLogStream', false, '{"logGroupName":"/app/runtime"}'],
  ['ecs', 'UpdateService', false, '{"cluster":"apps","service":"web"}'],
];
const agents = [
  'aws-sdk-go/1.44.320 (go1.20.7; linux; amd64)',
  'Boto3/1.28.62 md/Botocore#1.31.62 ua/2.0 os/linux#5.15.0 md/arch#x86_64 lang/python#3.11.4',
  'aws-cli/2.13.25 Python/3.11.5 Linux/5.15.0-86-generic exe/x86_64.ubuntu.22',
  'APN/1.0 HashiCorp/1.0 Terraform/1.6.2',
] as const;

export function cloudTrailLogs(world: World): Log<CloudTrailEvent>[] {
  const delivered = [awsAccounts.production, awsAccounts.data, awsAccounts.apps].flatMap((account) =>
    awsRegions.map((region) => deliveredLog(world, account, region)),
  );
  const ndjson = trailLog(world, awsAccounts.sandbox, 'us-east-1');
  return [
    ...delivered,
    { ...ndjson, id: 'cloudtrail-ndjson', share: 0.025, path: oneFile('cloudtrail/sandbox.ndjson') },
  ];
}

function deliveredLog(world: World, account: string, region: string): Log<CloudTrailEvent> {
  const ids = diceOf(world, `cloudtrail:${account}:${region}:files`);
  return {
    ...trailLog(world, account, region),
    share: account === awsAccounts.apps ? 0.005 : 0.02,
    delivery: true,
    path: rotated(world, 1, (start) => {
      const name = `${account}_CloudTrail_${region}_${dayName(start)}T2355Z_${ids.code(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')}`;
      return `cloudtrail/AWSLogs/${account}/CloudTrail/${region}/${dayName(start, '/')}/${name}.json.gz`;
    }),
  };
}

function trailLog(world: World, account: string, region: string): Log<CloudTrailEvent> {
  const id = `cloudtrail:${account}:${region}`;
  const dice = diceOf(world, id);
  const ids = diceOf(world, `${id}:ids`);
  const stamps = new Stamps();
  const identities = roles.map((role) => assumedRole(account, role, role, `ASIA${ids.code(16)}`));
  return {
    id,
    source: 'cloudtrail',
    share: 0.02,
    rhythm: mixed(0.6),
    path: oneFile(''),
    benign: () => usualCall(dice, identities),
    write: (event, at) => line(ids, stamps, account, region, event, at),
  };
}

function usualCall(dice: Dice, identities: readonly string[]): CloudTrailEvent {
  const [service, name, readOnly, parameters] = dice.pick(usual);
  const denied = dice.chance(0.01);
  return {
    service,
    name,
    readOnly,
    identity: dice.pick(identities),
    ip: `10.60.${dice.below(32)}.${1 + dice.below(250)}`,
    agent: dice.pick(agents),
    parameters,
    response: 'null',
    ...(denied ? { error: { code: 'Client.RequestLimitExceeded', message: 'Request limit exceeded.' } } : {}),
  };
}

function line(
  ids: Dice,
  stamps: Stamps,
  account: string,
  region: string,
  event: CloudTrailEvent,
  at: number,
): string {
  const { error } = event;
  const failure = error ? `"errorCode":"${error.code}","errorMessage":${quoted(error.message)},` : '';
  return (
    `{"eventVersion":"1.08","userIdentity":${event.identity},"eventTime":"${stamps.isoSeconds(at)}","eventSource":"${event.service}.amazonaws.com","eventName":"${event.name}",` +
    `"awsRegion":"${region}","sourceIPAddress":"${event.ip}","userAgent":${quoted(event.agent)},${failure}"requestParameters":${event.parameters},"responseElements":${event.response},` +
    `"requestID":"${ids.uuid()}","eventID":"${ids.uuid()}","readOnly":${event.readOnly},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"${account}","eventCategory":"Management",` +
    `"tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"${event.service}.${region}.amazonaws.com"}}`
  );
}
