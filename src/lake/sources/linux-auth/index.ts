/** Syslog files of Linux: auth.log, secure, syslog, messages, cron; in RFC 3164, RFC 5424 or with ISO 8601 times. */
import type { Source } from '../contract.ts';

const old = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d \S+ \S/;
const iso =
  /^(?:<\d{1,3}>)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)? [\w.:-]+ \(?[\w./@-]+\)?(?:\([^)]*\))?(?:\[\d+\])?: /;
const structured = /^<\d{1,3}>1 \d{4}-\d\d-\d\dT\S+ \S+ \S+ \S+ \S+ (?:-|\[)/;

const program = "fields['program']";

export const linuxAuth = {
  id: 'linux-auth',
  title: 'Linux auth and system logs',
  docs: 'https://www.rfc-editor.org/rfc/rfc3164',
  framing: 'lines',
  recognise: (record) => old.test(record) || iso.test(record) || structured.test(record),
  // The published rules look for words of the message; those of a service mean the program that says them.
  sigma: [
    { product: 'linux', fields: { kind: 'columns', expressions: columns() } },
    ...['auth', 'syslog'].map((service) => view(service)),
    view('sshd', `startsWith(${program}, 'sshd')`),
    view('sudo', `${program} = 'sudo'`),
    view('cron', `lower(${program}) IN ('cron', 'crond', 'crontab', 'anacron')`),
    view('vsftpd', `${program} = 'vsftpd'`),
    view('guacamole', `${program} = 'guacd'`),
    view('clamav', `${program} IN ('clamd', 'freshclam', 'clamav')`),
  ],
  quietSecondsMax: 7_200,
} satisfies Source;

function columns(): Readonly<Record<string, string>> {
  return {
    message: 'message',
    program,
    host: 'host',
    hostname: 'host',
    user: "if(user_name = '', actor_user_name, user_name)",
    src_ip: 'src_ip',
    commandline: 'process_cmd_line',
  };
}

function view(service: string, where?: string): Source['sigma'][number] {
  const fields = { kind: 'columns', expressions: columns() } as const;
  return { product: 'linux', service, fields, ...(where === undefined ? {} : { where }) };
}
