/** Indicators: values to look for in logs and on hosts, each checked to be what its type says. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { Confidence, Provenance, Text } from './vocabulary.ts';

/** `198.16.74.0/24`, or the first and the last address as in `198.16.74.203-198.16.74.205`. */
const Ipv4Range = z
  .string()
  .regex(/^[0-9.]+(\/[0-9]{1,2}|-[0-9.]+)$/, {
    error: 'a range such as 192.0.2.0/24 or 192.0.2.3-192.0.2.5',
    abort: true,
  })
  .refine(isRange, 'a range of real IPv4 addresses, the lower one first');

const Domain = z
  .string()
  .max(253, 'a domain of at most 253 characters')
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    'a domain in lower case such as example.com',
  );

const values = {
  ipv4: z.ipv4('an IPv4 address such as 192.0.2.1'),
  'ipv4-range': Ipv4Range,
  domain: Domain,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  'user-agent': Text,
  'client-name': Text,
  commit: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'a full commit id of 40 or 64 lower-case hexadecimal digits'),
  'file-name': Text.regex(/^[^/\\]+$/, 'a file name without its folder'),
  url: z.url({ protocol: /^https?$/, error: 'an http or https URL' }),
  'oauth-client': Text.regex(/^\S+$/, 'an OAuth client id without spaces'),
} as const;

export const indicatorTypes = Object.keys(values) as IndicatorType[];
export type IndicatorType = keyof typeof values;

function indicator<T extends IndicatorType>(type: T) {
  return z.strictObject({
    type: z.literal(type),
    values: z.array(values[type]).min(1, 'at least one value'),
    description: Text.optional(),
    provenance: Provenance,
    confidence: Confidence,
  });
}

export const Indicator = z.discriminatedUnion(
  'type',
  [
    indicator('ipv4'),
    indicator('ipv4-range'),
    indicator('domain'),
    indicator('sha256'),
    indicator('user-agent'),
    indicator('client-name'),
    indicator('commit'),
    indicator('file-name'),
    indicator('url'),
    indicator('oauth-client'),
  ],
  { error: `one of ${Object.keys(values).join(', ')}` },
);
export type Indicator = z.infer<typeof Indicator>;

function isRange(text: string): boolean {
  const [from = '', bits] = text.split('/');
  if (bits !== undefined) return isIPv4(from) && Number(bits) <= 32;
  const [first = '', last = ''] = text.split('-');
  return isIPv4(first) && isIPv4(last) && toNumber(first) < toNumber(last);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
