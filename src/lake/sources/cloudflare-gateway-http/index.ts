/** Web requests of the company's devices, as Cloudflare Gateway inspects them. */
import type { Source } from '../contract.ts';
import { hasTexts, jsonObject } from '../json-record.ts';
import { proxyView } from '../spellings.ts';

export const cloudflareGatewayHttp = {
  id: 'cloudflare-gateway-http',
  title: 'Cloudflare Gateway HTTP',
  docs: 'https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/gateway_http/',
  framing: 'json',
  recognise(record) {
    const event = jsonObject(record);
    return (
      event !== undefined && hasTexts(event, 'HTTPHost', 'URL') && 'Datetime' in event && 'SourceIP' in event
    );
  },
  sigma: [proxyView],
} satisfies Source;
