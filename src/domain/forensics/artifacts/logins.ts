/** Who logged in, from where, and whether the records of it were emptied. */
import { filesOf, headOf } from '../collector/records.ts';
import { artifact, fact, fileFact } from './artifact.ts';
import { readUtmp } from './utmp.ts';

export const logins = artifact({
  id: 'logins',
  title: 'Logins',
  what: 'The newest records of wtmp and btmp, who is logged in, the sizes of the logs, histories that lead to nowhere.',
  techniques: ['T1078', 'T1110', 'T1070.002', 'T1070.003'],
  withoutRoot: 'without root failed logins cannot be read',
  script: String.raw`
for f in /var/log/wtmp /var/log/btmp /run/utmp /var/run/utmp; do [ -r $f ] && [ ! -L $f ] && { r utmp $f; tail -c 192000 $f | base64; }; done
ff /var/log/wtmp /var/log/btmp /var/log/lastlog /var/log/auth.log /var/log/secure /var/log/syslog /var/log/messages /var/log/audit/audit.log /run/utmp \( -type f -o -type l \) | meta
set --; i_=$IFS; IFS=$NL; for h_ in $(homes); do for n_ in .bash_history .zsh_history .ash_history .python_history .mysql_history .psql_history; do [ -L "$h_/$n_" ] && set -- "$@" "$h_/$n_"; done; done; IFS=$i_
[ $# -eq 0 ] || stat -c "$META" "$@"
has journalctl && [ -d /run/systemd/system ] && { r journal; within 8 journalctl -q _COMM=sshd -n 300 -o short-unix --no-pager 2>/dev/null | head -c 100000; }
`,
  parse: ({ rows }) => [
    ...rows.flatMap(({ tag, text }) => {
      if (tag !== 'utmp') return [];
      const [path, body] = headOf(text);
      return readUtmp(Buffer.from(body, 'base64')).map(({ user, line, host, at }) => {
        const failed = path.endsWith('btmp');
        return fact({
          artifact: 'logins',
          key: `${failed ? 'failed ' : ''}login ${user}`,
          value: host ? `from ${host}` : `on ${line.replace(/\d+/g, '#')}`,
          technique: failed ? 'T1110' : 'T1078',
          at,
          owner: user,
          detail: { kind: failed ? 'failed' : 'login', line, host, source: path },
        });
      });
    }),
    ...rows.flatMap(({ tag, text }) => (tag === 'journal' ? text.split('\n').flatMap(acceptedFact) : [])),
    ...filesOf(rows).map((file) =>
      fileFact('logins', file, {
        value: file.target ? `-> ${file.target}` : file.bytes === 0 ? 'empty' : 'there',
        technique: /history$/.test(file.path) ? 'T1070.003' : 'T1070.002',
        detail: { kind: 'record' },
      }),
    ),
  ],
});

function acceptedFact(line: string) {
  const match = /^(\d{9,11})(?:\.\d+)? \S+ sshd\[\d+\]: Accepted (\S+) for (\S+) from (\S+)/.exec(line);
  if (!match) return [];
  const [, seconds = '', method = '', user = '', host = ''] = match;
  return [
    fact({
      artifact: 'logins',
      key: `ssh ${user}`,
      value: `by ${method} from ${host}`,
      technique: 'T1078',
      at: new Date(Number(seconds) * 1000),
      owner: user,
      detail: { kind: 'login', method, host, source: 'journal' },
    }),
  ];
}
