/** Sign-ins through Cloudflare Access: which person or service token opened which application, and from where. */
import type { Source } from '../contract.ts';
import { asObject, hasTexts, jsonObject } from '../json-record.ts';

export const cloudflareAccess = {
  id: 'cloudflare-access',
  title: 'Cloudflare Access requests',
  docs: 'https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/access_requests/',
  framing: 'json',
  recordsFields: ['result'],
  recognise(record) {
    const event = jsonObject(record);
    if (event === undefined) return false;
    const dimensions = asObject(event.dimensions);
    return (
      (hasTexts(event, 'Action') && 'AppDomain' in event && 'Allowed' in event && 'CreatedAt' in event) ||
      (hasTexts(event, 'action', 'app_domain', 'created_at') && 'allowed' in event) ||
      (dimensions !== undefined && hasTexts(dimensions, 'datetime') && 'isSuccessfulLogin' in dimensions)
    );
  },
  sigma: [{ product: 'cloudflare', service: 'access', fields: { kind: 'json', aliases: {} } }],
} satisfies Source;
