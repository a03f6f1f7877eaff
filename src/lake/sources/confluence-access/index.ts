/** Confluence's access log: who asked the web server for what. It is where reading and searching are seen. */
import type { Source } from '../contract.ts';
import { webServerView } from '../spellings.ts';

/** Time, user (after the client of a proxy, where it is logged), thread of the connector, address, request. */
const pattern =
  /^\[\d\d\/[A-Z][a-z]{2}\/\d{4}(:\d\d){3} [+-]\d{4}\] (.+ )?\S+ \S+-exec-\d+ \S+ .*(HTTP\/[\d.]+|-) \d{3} \d+ms (\d+|-) /;

export const confluenceAccess = {
  id: 'confluence-access',
  title: 'Confluence access log',
  docs: 'https://confluence.atlassian.com/doc/configure-access-logs-1044780567.html',
  framing: 'lines',
  recognise: (record) => pattern.test(record),
  sigma: [webServerView],
} satisfies Source;
