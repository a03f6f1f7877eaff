/** Files of packages that are no longer what the package brought: programs, libraries, units, and settings. */
import { fieldsOf, filesOf, headOf, type Row } from '../collector/records.ts';
import type { Fact } from '../types.ts';
import { artifact, fact } from './artifact.ts';

export const packageVerify = artifact({
  id: 'package-verify',
  title: 'Changed files of packages',
  what: 'Programs, libraries and units whose checksum differs from the package’s (md5sums of dpkg, rpm -V, the database of apk), and changed settings.',
  techniques: ['T1554', 'T1036.005'],
  cost: 'full',
  secondsMax: 60,
  script: String.raw`
bad() { awk -v N="$N" -v T="$1" '{ sub(/: FAILED( open or read)?$/, "") ; printf "%s\t%s\t%s\n", N, T, $0 }'; }
if [ -d /var/lib/dpkg/info ]; then
  CH=$(find /var/lib/dpkg/info -name '*.md5sums' -print0 | xargs -0 -r cat |
    grep -E '^[0-9a-f]{32}  (usr/)?(local/)?(bin/|sbin/|games/|libexec/|lib/(systemd/|udev/|openssh/|sudo/|cron/|dpkg/|apt/|git-core/|policykit|polkit|[^/]*/security/|NetworkManager/|python[^/]*/[^/]*\.py|[^/]*\.so|[^/]*-linux-[^/]*/([^/]*\.so|systemd/)))' |
    sed 's,  ,  /,' | within 50 md5sum -c 2>/dev/null | grep ': FAILED' | head -n 2000)
  [ -z "$CH" ] || printf '%s\n' "$CH" | grep -v ' open or read$' | bad changed
  [ -z "$CH" ] || printf '%s\n' "$CH" | grep ' open or read$' | bad missing
  # Its own answers for packages without md5sums, and for settings.
  awk '/^Conffiles:/{c=1;next} /^[^ ]/{c=0} c && $3 != "obsolete" && $2 ~ /^[0-9a-f]+$/ {print $2 "  " $1}' /var/lib/dpkg/status | within 10 md5sum -c 2>/dev/null | grep ': FAILED$' | bad setting
elif [ -f /lib/apk/db/installed ]; then
  awk -v N="$N" '/^F:/{d="/" substr($0,3)} /^R:/{f=d "/" substr($0,3)} /^Z:Q1/{if (f ~ /^\/(usr\/)?(local\/)?(s?bin|lib|libexec)\// || f ~ /^\/etc\/(init\.d|periodic|apk)\//) {printf "%s\twant\t%s\t%s\n", N, substr($0,5), f}}' /lib/apk/db/installed
  paths() { awk '/^F:/{d="/" substr($0,3)} /^R:/{f=d "/" substr($0,3)} /^Z:Q1/{if (f ~ /^\/(usr\/)?(local\/)?(s?bin|lib|libexec)\// || f ~ /^\/etc\/(init\.d|periodic|apk)\//) print f}' /lib/apk/db/installed | tr '\n' '\0'; }
  paths | meta
  paths | within 40 xargs -0 -r sha1sum 2>/dev/null | sed "s/^/$N$TAB""have$TAB/"
elif packages; then
  within 55 rpm -Va --nodeps --noscripts --nomtime --nouser --nogroup 2>/dev/null | head -n 5000 | sed "s/^/$N$TAB""rpm$TAB/"
else none 'no package manager that is known'
fi
bads() { printf '%s\n' "$CH" | sed 's/: FAILED.*//' | tr '\n' '\0'; }
[ -z "$CH" ] || sums bads
`,
  parse: ({ rows }) => {
    const files = new Map(filesOf(rows).map((file) => [file.path, file]));
    const isLink = (path: string) => files.get(path)?.type === 'symbolic link';
    const changes = [
      ...plainChanges(rows),
      // apk's sum of a link is that of its target's name, and what it leads to is another file.
      ...apkChanges(rows).filter(({ path }) => !isLink(path)),
      ...rpmChanges(rows),
    ];
    return changes.map(({ path, change }): Fact => {
      const file = files.get(path);
      const technique = change === 'changed' ? 'T1554' : '';
      return fact({
        artifact: 'package-verify',
        key: path,
        value: file?.sha256 ? `${change} ${file.sha256}` : change,
        technique,
        at: file?.changedAt ?? null,
        owner: file?.owner ?? '',
        path,
        sha256: file?.sha256 ?? '',
        detail: { change, mode: file?.mode ?? '' },
      });
    });
  },
});

interface Change {
  path: string;
  change: 'changed' | 'missing' | 'setting';
}

function plainChanges(rows: readonly Row[]): Change[] {
  return rows.flatMap(({ tag, text }) =>
    tag === 'changed' || tag === 'missing' || tag === 'setting'
      ? [{ path: headOf(text)[0], change: tag }]
      : [],
  );
}

/** apk keeps SHA-1 in base64; a file that has none on the disk is missing. */
function apkChanges(rows: readonly Row[]): Change[] {
  const have = new Map<string, string>();
  for (const { tag, text } of rows) {
    const match = tag === 'have' ? /^([0-9a-f]{40})\s+(.+)$/.exec(headOf(text)[0]) : null;
    if (match) have.set(match[2] ?? '', match[1] ?? '');
  }
  return rows.flatMap(({ tag, text }): Change[] => {
    if (tag !== 'want') return [];
    const [sum = '', path = ''] = fieldsOf(text, 1);
    const expected = Buffer.from(sum, 'base64').toString('hex');
    const actual = have.get(path);
    if (actual === expected) return [];
    return actual === undefined ? [{ path, change: 'missing' }] : [{ path, change: 'changed' }];
  });
}

/** `S.5....T.  c /etc/x`: a digest that differs has a 5 in third place. */
function rpmChanges(rows: readonly Row[]): Change[] {
  return rows.flatMap(({ tag, text }): Change[] => {
    const match =
      tag === 'rpm'
        ? /^(missing|[A-Z.?5]{8,9})\s+([cdglmr] )?\s*(\/.+?)( \([^)]*\))?$/.exec(headOf(text)[0])
        : null;
    if (!match) return [];
    const [, flags = '', kind = '', path = ''] = match;
    if (kind.startsWith('c')) return [{ path, change: 'setting' }];
    if (kind.startsWith('d') || kind.startsWith('g')) return [];
    if (flags === 'missing') return [{ path, change: 'missing' }];
    return flags[2] === '5' ? [{ path, change: 'changed' }] : [];
  });
}
