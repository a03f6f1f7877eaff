/** What changed last under /etc, /usr and /opt. The inode's time is used: touch does not set it. */
import { filesOf } from '../collector/records.ts';
import { artifact, fileFact } from './artifact.ts';

export const recentChanges = artifact({
  id: 'recent-changes',
  title: 'Recent changes',
  what: 'Up to 3,000 files under /etc, /usr, /opt, /boot and /var/spool whose inode changed since the given time, newest first.',
  techniques: ['T1070.006'],
  cost: 'full',
  secondsMax: 25,
  script: String.raw`
within 15 find /etc /usr /opt /boot /var/spool /srv -xdev \( -path '*/node_modules' -o -path '*/__pycache__' -o -path '/usr/share/doc' -o -path '/usr/share/man' -o -path '/usr/share/locale' -o -path '/usr/share/zoneinfo' \) -prune -o -type f -cmin -$MINUTES ! -path "*$NL*" -print0 2>/dev/null |
  xargs -0 -r stat -c "%Z $META" 2>/dev/null | sort -rn | head -n 3001 | awk -v N="$N" 'NR == 3001 { printf "%s\tnote\tmore than 3,000 files changed since then; the newest are listed\n", N; exit } { print substr($0, index($0, " ") + 1) }'
`,
  parse: ({ rows }) =>
    filesOf(rows).map((file) => {
      // A file set back in time: its content is said to be much older than its inode, and it is no package's doing.
      const { modifiedAt, changedAt } = file;
      const setBack =
        modifiedAt !== null && changedAt !== null && changedAt.getTime() - modifiedAt.getTime() > 86_400_000;
      return fileFact('recent-changes', file, {
        technique: setBack ? 'T1070.006' : '',
        value: `${file.mode} ${file.owner} ${file.bytes} bytes`,
        detail: { setBack: setBack ? 'yes' : '' },
      });
    }),
});
