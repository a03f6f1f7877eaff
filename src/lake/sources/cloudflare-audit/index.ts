/** Audit logs of a Cloudflare account: what people and tokens changed in it. */
import type { Source } from '../contract.ts';
import { asObject, hasTexts, jsonObject } from '../json-record.ts';

export const cloudflareAudit = {
  id: 'cloudflare-audit',
  title: 'Cloudflare account audit logs',
  docs: 'https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/audit_logs_v2/',
  framing: 'json',
  recordsFields: ['result'],
  recognise(record) {
    const event = jsonObject(record);
    if (event === undefined) return false;
    const action = asObject(event.action);
    return (
      (hasTexts(event, 'ActionType') &&
        'ActorID' in event &&
        ('When' in event || 'ActionTimestamp' in event)) ||
      (action !== undefined &&
        hasTexts(action, 'type') &&
        asObject(event.actor) !== undefined &&
        asObject(event.resource) !== undefined &&
        ('when' in event || 'time' in action))
    );
  },
  sigma: [{ product: 'cloudflare', service: 'audit', fields: { kind: 'json', aliases: {} } }],
} satisfies Source;
