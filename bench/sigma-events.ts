/** CloudTrail records for the bench of Sigma, made inside the engine: as long and as varied as real ones. */
import type { Lake } from '../src/lake/index.ts';

/** What is usually called, by service; of every ten thousand events a few are of the second list. */
const usual = [
  ['ec2', 'DescribeInstances'],
  ['ec2', 'DescribeVolumes'],
  ['sts', 'AssumeRole'],
  ['sts', 'GetCallerIdentity'],
  ['s3', 'ListBuckets'],
  ['s3', 'GetObject'],
  ['kms', 'Decrypt'],
  ['kms', 'GenerateDataKey'],
  ['secretsmanager', 'GetSecretValue'],
  ['monitoring', 'DescribeAlarms'],
  ['autoscaling', 'DescribeAutoScalingGroups'],
  ['ecs', 'UpdateService'],
  ['logs', 'CreateLogStream'],
  ['iam', 'GetRole'],
  ['iam', 'ListUsers'],
] as const;
const rare = [
  ['iam', 'CreateUser'],
  ['iam', 'UpdateLoginProfile'],
  ['cloudtrail', 'StopLogging'],
  ['ec2', 'ImportKeyPair'],
  ['signin', 'ConsoleLogin'],
  ['ecs', 'RegisterTaskDefinition'],
  ['guardduty', 'DeleteDetector'],
  ['s3', 'PutBucketReplication'],
] as const;

const list = (values: readonly string[]): string => `[${values.map((value) => `'${value}'`).join(', ')}]`;

const pick = (all: readonly (readonly [string, string])[], part: 0 | 1): string =>
  `${list(all.map((one) => one[part]))}[n % ${all.length} + 1]`;
/** A record's, about. */
export const recordBytes = 1_280;
const record = `concat('{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE', toString(n % 977),
    ':session","arn":"arn:aws:sts::111111111111:assumed-role/role-', toString(n % 977), '/session","accountId":"111111111111","accessKeyId":"ASIA', substring(digest, 1, 16),
    '","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111111111111:role/role-', toString(n % 977),
    '","accountId":"111111111111","userName":"role-', toString(n % 977), '"},"attributes":{"mfaAuthenticated":"false","creationDate":"2023-11-14T08:00:00Z"}}},"eventTime":"',
    formatDateTime(time, '%Y-%m-%dT%H:%i:%SZ'), '","eventSource":"', service, '.amazonaws.com","eventName":"', name,
    '","awsRegion":"us-east-1","sourceIPAddress":"10.60.', toString(n % 250), '.7","userAgent":"Boto3/1.28.62 md/Botocore#1.31.62 ua/2.0 os/linux#5.15.0 md/arch#x86_64 lang/python#3.11.4",',
    '"requestParameters":{"name":"', substring(digest, 17, 12), '","maxResults":', toString(n % 100), ',"filterSet":{"items":[{"name":"tag","valueSet":{"items":[{"value":"x"}]}}]}},"responseElements":',
    if(name IN ('AssumeRole', 'UpdateService'), concat('{"credentials":{"accessKeyId":"ASIA', substring(digest, 1, 16),
      '","expiration":"Nov 14, 2023, 9:00:00 AM"},"assumedRoleUser":{"assumedRoleId":"AROAEXAMPLE:session"}}'), 'null'),
    ',"requestID":"', digest,
    '","eventID":"', digest, '","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111111111111","eventCategory":"Management",',
    '"tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"', service, '.us-east-1.amazonaws.com"}}')`;

/** Rows of what the records and the columns are made from; `{events:UInt64}` of them. */
const made = `SELECT number, cityHash64(number) AS n, lower(hex(sipHash128(number))) AS digest,
    toDateTime64('2023-11-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(number * 1000) AS time,
    n % 10000 < 4 AS is_rare, if(is_rare, ${pick(rare, 0)}, ${pick(usual, 0)}) AS service,
    if(is_rare, ${pick(rare, 1)}, ${pick(usual, 1)}) AS name
  FROM numbers({events:UInt64})`;

/** Puts `events` records of `source` cloudtrail into the lake. */
export async function insertCloudTrail(lake: Lake, events: number): Promise<void> {
  await lake.run(
    `INSERT INTO events (file_id, line, source, raw, time, api_operation, api_service, actor_user_name, message)
     SELECT repeat('b', 64), number + 1, 'cloudtrail', ${record}, time, name, service, concat('role-', toString(n % 977)), name
     FROM (${made})`,
    { events },
  );
}

/** Writes about so many bytes of records into a new file, a record a line; says how many they are. */
export async function writeCloudTrail(lake: Lake, path: string, bytes: number): Promise<number> {
  const events = Math.ceil(bytes / recordBytes);
  await lake.run(
    `INSERT INTO FUNCTION file('${path}', 'LineAsString', 'line String') SELECT ${record} FROM (${made})`,
    { events },
  );
  return events;
}
