/** Programs that run with more rights than who starts them: SUID, SGID, capabilities. */
import { filesOf, headOf } from '../collector/records.ts';
import { artifact, fact, fileFact } from './artifact.ts';

export const privileged = artifact({
  id: 'privileged',
  title: 'SUID, SGID and capabilities',
  what: 'Every SUID and SGID program on local disks with its hash, every program with file capabilities.',
  techniques: ['T1548.001', 'T1548'],
  cost: 'full',
  secondsMax: 40,
  withoutRoot: 'without root closed folders are not searched',
  script: String.raw`
i_=$IFS; IFS=$NL; set -- $(disks); IFS=$i_; [ $# -gt 0 ] || set -- /
LIST=$(within 25 find "$@" -xdev \( -path /proc -o -path /sys -o -path /var/lib/docker -o -path /var/lib/containers \) -prune -o -type f \( -perm -4000 -o -perm -2000 \) ! -path "*$NL*" -print | sort -u | head -n 3000)
list() { [ -z "$LIST" ] || printf '%s\n' "$LIST" | tr '\n' '\0'; }
sums list
if has getcap; then within 12 getcap -r /usr /opt /home /root /tmp /var/tmp /dev/shm /srv /etc /var/lib /var/www /bin /sbin /lib 2>/dev/null | sort -u | head -n 1000 | sed "s/^/$N$TAB""cap$TAB/"
else note 'getcap is not there, so file capabilities were not looked for'; fi
`,
  parse: ({ rows }) => [
    ...filesOf(rows).map((file) =>
      fileFact('privileged', file, { technique: 'T1548.001', detail: { kind: 'suid' } }),
    ),
    ...rows.flatMap(({ tag, text }) => {
      if (tag !== 'cap') return [];
      // `/usr/bin/ping cap_net_raw=ep`, and before libcap 2.41 `/usr/bin/ping = cap_net_raw+ep`.
      const match = /^(\/.*?)(?: =)? (cap_\S+|=\S+|\S*cap_.*)$/.exec(headOf(text)[0]);
      if (!match) return [];
      const [, path = '', value = ''] = match;
      const detail = { kind: 'capability', capabilities: value };
      return [
        fact({ artifact: 'privileged', key: `capability ${path}`, value, technique: 'T1548', path, detail }),
      ];
    }),
  ],
});
