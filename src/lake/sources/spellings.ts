/** Sigma rules write the fields of a vendor in several ways; these are tables of how the record spells them. */
import type { SigmaView } from './contract.ts';

/** Paths by their spelling in lower case. */
export const lowerCaseSpellings = (paths: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path) => [path.toLowerCase(), path]));

/**
 * What Sigma's rules for web servers call the columns of a request.
 * https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-taxonomy.md
 */
const requestFields: Readonly<Record<string, string>> = {
  'c-ip': 'src_ip',
  'c-uri': 'http_url',
  'c-useragent': 'http_user_agent',
  'cs-host': 'dst_hostname',
  'cs-method': 'http_method',
  'cs-referer': 'http_referrer',
  'cs-referrer': 'http_referrer',
  'cs-uri-query': 'http_url',
  'cs-uri-stem': "splitByChar('?', http_url)[1]",
  'cs-user-agent': 'http_user_agent',
  'cs-username': 'actor_user_name',
  dst_ip: 'dst_ip',
  'r-dns': 'dst_hostname',
  'sc-bytes': 'toString(bytes_out)',
  'sc-status': 'toString(http_status)',
  src_ip: 'src_ip',
};

/** An access log as Sigma's category of web servers. */
export const webServerView = {
  category: 'webserver',
  fields: { kind: 'columns', expressions: requestFields },
} as const satisfies SigmaView;

/** A web gateway's log as Sigma's category of proxies. */
export const proxyView = {
  category: 'proxy',
  fields: { kind: 'columns', expressions: requestFields },
} as const satisfies SigmaView;
