/** Names that the company's devices looked up through Cloudflare Gateway. */
import type { Source } from '../contract.ts';
import { hasTexts, jsonObject } from '../json-record.ts';

export const cloudflareGatewayDns = {
  id: 'cloudflare-gateway-dns',
  title: 'Cloudflare Gateway DNS',
  docs: 'https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/gateway_dns/',
  framing: 'json',
  recognise(record) {
    const event = jsonObject(record);
    return event !== undefined && hasTexts(event, 'QueryName', 'ResolverDecision') && 'Datetime' in event;
  },
  sigma: [
    {
      category: 'dns',
      fields: {
        kind: 'json',
        aliases: { query: 'QueryName', record_type: 'QueryTypeName', answer: 'ResolvedIPs' },
      },
    },
  ],
} satisfies Source;
