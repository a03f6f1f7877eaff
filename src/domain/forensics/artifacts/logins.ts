/** Who logged in, from where, and whether the records of it were emptied. */
import { limits } from '../../../kernel/limits.ts';
import { filesOf, headOf, type Row } from '../collector/records.ts';
import type { Fact } from '../types.ts';
import { artifact, fact, fileFact } from './artifact.ts';
import { readSqliteTable, type SqliteRow } from './sqlite.ts';
import { readLastlog, readUtmp } from './utmp.ts';

export const logins = artifact({
  id: 'logins',
  title: 'Logins',
  what: 'The newest records of wtmp and btmp, the last login of each account (lastlog, lastlog2), wtmpdb, who is logged in, the sizes of the logs, histories that lead to nowhere.',
  techniques: ['T1078', 'T1110', 'T1070.002', 'T1070.003'],
  secondsMax: 20,
  withoutRoot: 'without root failed logins cannot be read',
  script: String.raw`
has base64 || note 'base64 is missing, so the records of logins were not sent'
M_=$(uname -m); r machine "$M_"
plain() { [ -f $1 ] && [ -r $1 ] && [ ! -L $1 ]; }
for f in /var/log/wtmp /var/log/btmp /run/utmp /var/run/utmp; do plain $f && { r utmp $f; tail -c 192000 $f | base64; }; done
# A record an account, at its uid; od writes the empty ones, which are most, as one.
W_=292; [ "$M_" = aarch64 ] && W_=296
lines() { od -A d -t x1 -w$W_ | sed 's/\( 00\)*$//'; }
L_=/var/log/lastlog
if plain $L_; then
  r uids; awk -F: '{ print $3 ":" $1 }' /etc/passwd
  r lastlog; head -c $((W_ * 100000)) $L_ | lines | head -n 20000
  if [ $(stat -c %s $L_) -gt $((W_ * 100000)) ]; then
    awk -F: '$3 >= 100000 && $3 < 4294967294 { print $3 }' /etc/passwd | head -n 200 | while read -r u_; do
      dd if=$L_ bs=$W_ skip=$u_ count=1 2>/dev/null | lines | sed -n "1s/^[0-9]*/$((u_ * W_))/p"
    done
    note "$L_: of uids from 100000 on only those in /etc/passwd were read"
  fi
fi
for f in /var/lib/lastlog/lastlog2.db /var/lib/wtmpdb/wtmp.db /var/log/wtmp.db; do
  plain $f || continue
  if [ -n "$(find $f -size -3072)" ]; then r sqlite $f; base64 <$f; else note "$f is larger than 1.5 MB and was not sent"; fi
done
ff /var/log/wtmp /var/log/btmp /var/log/lastlog /var/lib/lastlog/lastlog2.db /var/lib/wtmpdb/wtmp.db /var/log/auth.log /var/log/secure /var/log/syslog /var/log/messages /var/log/audit/audit.log /run/utmp \( -type f -o -type l \) | meta
set --; i_=$IFS; IFS=$NL; for h_ in $(homes); do for n_ in .bash_history .zsh_history .ash_history .python_history .mysql_history .psql_history; do [ -L "$h_/$n_" ] && set -- "$@" "$h_/$n_"; done; done; IFS=$i_
[ $# -eq 0 ] || stat -c "$META" "$@"
has journalctl && [ -d /run/systemd/system ] && { r journal; within 8 journalctl -q _COMM=sshd -n 300 -o short-unix --no-pager 2>/dev/null | head -c 100000; }
`,
  parse: ({ rows }) => {
    const machine = headOf(rows.find(({ tag }) => tag === 'machine')?.text ?? '')[0];
    return [
      ...rows.flatMap(({ tag, text }) => (tag === 'utmp' ? utmpFacts(text, machine) : [])),
      ...lastlogFacts(rows, machine),
      ...rows.flatMap(({ tag, text }) => (tag === 'sqlite' ? sqliteFacts(text) : [])),
      ...rows.flatMap(({ tag, text }) => (tag === 'journal' ? text.split('\n').flatMap(acceptedFact) : [])),
      ...filesOf(rows).map((file) =>
        fileFact('logins', file, {
          value: file.target ? `-> ${file.target}` : file.bytes === 0 ? 'empty' : 'there',
          technique: /history$/.test(file.path) ? 'T1070.003' : 'T1070.002',
          detail: { kind: 'record' },
        }),
      ),
    ];
  },
});

interface Seen {
  user: string;
  line: string;
  host: string;
  at: Date | null;
  source: string;
}

const loginFact = (kind: 'login' | 'failed' | 'last', { user, line, host, at, source }: Seen): Fact =>
  fact({
    artifact: 'logins',
    key: `${kind === 'login' ? '' : `${kind} `}login ${user}`,
    value: host ? `from ${host}` : `on ${line.replace(/\d+/g, '#')}`,
    technique: kind === 'failed' ? 'T1110' : 'T1078',
    at,
    owner: user,
    detail: { kind, line, host, source },
  });

function utmpFacts(text: string, machine: string): Fact[] {
  const [source, body] = headOf(text);
  const kind = source.endsWith('btmp') ? 'failed' : 'login';
  return readUtmp(Buffer.from(body, 'base64'), machine).map((one) => loginFact(kind, { ...one, source }));
}

/** An account that has logged in and is in passwd no longer, or comes from a directory, is named by its uid. */
function lastlogFacts(rows: readonly Row[], machine: string): Fact[] {
  const names = new Map<string, string>();
  for (const line of rows.flatMap(({ tag, text }) => (tag === 'uids' ? text.split('\n') : []))) {
    const [uid = '', name = ''] = line.split(':');
    if (!names.has(uid)) names.set(uid, name);
  }
  const source = '/var/log/lastlog';
  return rows.flatMap(({ tag, text }) =>
    tag === 'lastlog'
      ? readLastlog(text, machine, limits.collectFactsMax).map(({ uid, ...one }) =>
          loginFact('last', { ...one, user: names.get(String(uid)) || `uid ${uid}`, source }),
        )
      : [],
  );
}

/** Of wtmpdb's kinds of entries: a person who logged in. The others are boots and changes of the runlevel. */
const userEntry = 3;

/** lastlog2 counts in seconds, wtmpdb in microseconds. */
function sqliteFacts(text: string): Fact[] {
  const [source, body] = headOf(text);
  const isLast = source.endsWith('lastlog2.db');
  const file = Buffer.from(body, 'base64');
  const { rows, whole } = readSqliteTable(file, isLast ? 'lastlog2' : 'wtmp', limits.collectFactsMax);
  const seen = isLast ? rows : rows.filter(({ type }) => type === userEntry);
  const facts = seen.map((row) =>
    loginFact(isLast ? 'last' : 'login', {
      user: textIn(row, isLast ? 'name' : 'user'),
      line: textIn(row, 'tty'),
      host: textIn(row, 'remotehost'),
      at: dateOf(isLast ? Number(row.time) * 1_000 : Number(row.login) / 1_000),
      source,
    }),
  );
  if (whole) return facts;
  const value = 'its records could not all be read';
  const technique = 'T1070.002';
  const broken = {
    artifact: 'logins',
    key: source,
    value,
    technique,
    path: source,
    detail: { kind: 'record' },
  };
  return [...facts, fact(broken)];
}

const textIn = (row: SqliteRow, name: string): string => (typeof row[name] === 'string' ? row[name] : '');
const dateOf = (ms: number): Date | null => (ms > 0 && ms < 8.64e15 ? new Date(ms) : null);

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
