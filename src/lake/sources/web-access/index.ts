/** Access logs of nginx and Apache in the Common and the Combined Log Format, with or without a virtual host. */
import type { Source } from '../contract.ts';

const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
const time = String.raw`\[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\]`;
// No field follows the size but referrer and agent: other servers put the duration there.
const line = new RegExp(
  `^.{1,400}? ${time} ${quoted} (?:\\d{3}|-) (?:\\d+|-)(?: ${quoted} ${quoted}(?: .*)?)?$`,
);
// Servers of Atlassian count the request in the second word.
const otherServer = /^\S+ (?:[a-z]?\d+x\d+x\d+|@\w+) /;

export const webAccess = {
  id: 'web-access',
  title: 'Access logs of nginx and Apache',
  docs: 'https://httpd.apache.org/docs/2.4/logs.html#accesslog',
  framing: 'lines',
  recognise: (record) => line.test(record) && !otherServer.test(record.slice(0, 400)),
  sigma: [
    { category: 'webserver', fields: { kind: 'columns', expressions: columns() } },
    { service: 'apache', fields: { kind: 'columns', expressions: columns() } },
    { service: 'nginx', fields: { kind: 'columns', expressions: columns() } },
  ],
  quietSecondsMax: 7_200,
} satisfies Source;

/** The names of the W3C extended log format, which the rules are written in. */
function columns(): Readonly<Record<string, string>> {
  const path = "splitByChar('?', http_url)[1]";
  const query = "if(position(http_url, '?') = 0, '', substring(http_url, position(http_url, '?') + 1))";
  return {
    'c-ip': 'src_ip',
    'c-dns': 'src_hostname',
    'c-uri': 'http_url',
    'c-uri-query': query,
    'c-uri-stem': path,
    'c-uri-extension': `extract(${path}, '[.]([^./]*)$')`,
    'c-useragent': 'http_user_agent',
    'cs-host': 'dst_hostname',
    'cs-method': "if(http_method = '', fields['method'], http_method)",
    'cs-referer': 'http_referrer',
    'cs-referrer': 'http_referrer',
    'cs-uri': 'http_url',
    'cs-uri-query': query,
    'cs-uri-stem': path,
    'cs-user-agent': 'http_user_agent',
    'cs-username': 'actor_user_name',
    'cs-version': "concat('HTTP/', fields['http_version'])",
    's-computername': 'host',
    'sc-bytes': 'toString(bytes_out)',
    'sc-status': 'toString(http_status)',
    src_ip: 'src_ip',
  };
}
