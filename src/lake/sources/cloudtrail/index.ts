/** AWS CloudTrail: files as S3 gets them, NDJSON of their records, and EventBridge's envelope around each. */
import type { Source } from '../contract.ts';
import { asObject, hasTexts, type JsonObject, jsonObject } from '../json-record.ts';

/** A management, data or Insights event. */
const isRecord = (record: JsonObject): boolean =>
  hasTexts(record, 'eventVersion', 'eventTime', 'awsRegion') &&
  (hasTexts(record, 'eventName', 'eventSource') || asObject(record.insightDetails) !== undefined);

export const cloudtrail = {
  id: 'cloudtrail',
  title: 'AWS CloudTrail',
  docs: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
  framing: 'json',
  recordsFields: ['Records'],
  envelope: '"detail-type"',
  recognise(record) {
    const object = jsonObject(record);
    if (object === undefined) return false;
    const detail = 'detail-type' in object ? asObject(object.detail) : undefined;
    return isRecord(detail ?? object);
  },
  // The rules name the record's own paths, which stand one step deeper within an envelope.
  sigma: [
    {
      product: 'aws',
      service: 'cloudtrail',
      where: "fields['envelope'] = ''",
      fields: { kind: 'json', aliases: {} },
    },
    {
      product: 'aws',
      service: 'cloudtrail',
      where: "fields['envelope'] = 'eventbridge'",
      fields: { kind: 'json', aliases: {}, root: 'detail' },
    },
  ],
  // CloudTrail delivers about every five minutes; an account that does nothing is silent for longer.
  quietSecondsMax: 3_600,
} satisfies Source;
