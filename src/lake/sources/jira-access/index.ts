/** Jira's access log: who asked the web server for what. It is where the reading of an issue is seen. */
import type { Source } from '../contract.ts';
import { webServerView } from '../spellings.ts';

/** Address, request id (minute of the day, request, users at once), user, time, request, status, bytes, time taken. */
const pattern =
  /^\S+ \d+x\d+x\d+ .*? \[\d\d\/[A-Z][a-z]{2}\/\d{4}(:\d\d){3} [+-]\d{4}\] ".*?" \d{3} (\d+|-) [\d.-]+ ".*" ".*" "[^"]*"\s*$/;

export const jiraAccess = {
  id: 'jira-access',
  title: 'Jira access log',
  docs: 'https://confluence.atlassian.com/adminjiraserver/log-format-940696477.html',
  framing: 'lines',
  recognise: (record) => pattern.test(record),
  sigma: [webServerView],
} satisfies Source;
