/** Bitbucket's access log: requests and git commands, over HTTP and SSH. It is where taking a repository is seen. */
import type { Source } from '../contract.ts';
import { webServerView } from '../spellings.ts';

/** Address, protocol, request id with its direction, user, time, request. */
const pattern =
  /^[^|]* \| (https?|ssh) \| [io][@*]\S+ \| .* \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \| ("[A-Z]+ |SSH - |- ).* \|\s*$/;

export const bitbucketAccess = {
  id: 'bitbucket-access',
  title: 'Bitbucket access log',
  docs: 'https://confluence.atlassian.com/bitbucketserverkb/how-to-read-the-bitbucket-server-log-formats-779171668.html',
  framing: 'lines',
  recognise: (record) => pattern.test(record),
  sigma: [webServerView],
} satisfies Source;
