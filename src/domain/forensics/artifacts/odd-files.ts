/** Programs where none belong: temporary and memory folders, hidden names, names with line breaks, device files. */
import { filesOf } from '../collector/records.ts';
import { artifact, fileFact } from './artifact.ts';

export const oddFiles = artifact({
  id: 'odd-files',
  title: 'Temporary and hidden executables',
  what: 'Executables in folders that anyone may write to, hidden ones in the system’s folders, names with control characters or only spaces and dots, regular files in /dev.',
  techniques: ['T1564.001', 'T1036', 'T1105'],
  secondsMax: 20,
  script: String.raw`
LIST=$(within 8 find /tmp /var/tmp /dev/shm /run/user /run/lock /var/lock /var/spool /var/crash -xdev -type f \( -perm -100 -o -perm -10 -o -perm -1 \) ! -path "*$NL*" -print 2>/dev/null | head -n 2000)
temp() { [ -z "$LIST" ] || printf '%s\n' "$LIST" | tr '\n' '\0'; }
sums temp
temp | small 131072 | xargs -0 -r grep -lE '^(.ELF|#!)' 2>/dev/null | sed "s/^/$N$TAB""program$TAB/"
hidden() { within 8 find /usr/bin /usr/sbin /usr/lib /usr/local /usr/local/bin /usr/local/lib /usr/share /etc /etc/init.d /opt /var/lib /var/www /var/log /srv /boot -maxdepth 2 -xdev -name '.*' -type f \( -perm -100 -o -perm -10 -o -perm -1 \) ! -path "*$NL*" ! -path '*/.git/*' -print 2>/dev/null | head -n 1000 | tr '\n' '\0'; }
sums hidden
within 5 find / /tmp /var/tmp /dev/shm /usr /usr/lib /usr/bin /usr/local /etc /var /var/lib /opt /root /home -maxdepth 2 -xdev \( -name "*$NL*" -o -name '.. *' -o -name '...' -o -name '. ' -o -name '.. ' -o -name ' *' -o -name "$(printf '*[\001-\010\016-\037]*')" \) -exec stat -c "$META" {} + 2>/dev/null | head -c 500000
within 3 find /dev -xdev -type f ! -path '/dev/shm/*' ! -path '/dev/mqueue/*' -exec stat -c "$META" {} + 2>/dev/null | head -n 200
`,
  parse: ({ rows }) => {
    const programs = new Set(rows.filter(({ tag }) => tag === 'program').map(({ text }) => text));
    return filesOf(rows).map((file) => {
      const temporary = /^\/(tmp|var\/tmp|dev\/shm|run|var\/lock|var\/spool|var\/crash)\//.test(file.path);
      const kind = temporary ? 'temporary' : file.path.startsWith('/dev/') ? 'device' : 'hidden';
      return fileFact('odd-files', file, {
        technique: kind === 'temporary' ? 'T1105' : 'T1564.001',
        detail: { kind, program: programs.has(file.path) ? 'yes' : '' },
      });
    });
  },
});
