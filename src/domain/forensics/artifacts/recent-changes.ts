/**
 * What changed last under /etc, /usr and /opt. The inode's time is used: touch does not set it. A host that was
 * installed lately has tens of thousands of fresh files that its packages brought; those that are no newer than their
 * package (with apk: of the content, mode and owner that it says) are counted and not listed, so that the list is whole
 * where it matters. What they hold now is what the artifact package-verify looks at.
 */
import { filesOf, headOf } from '../collector/records.ts';
import { artifact, fact, fileFact } from './artifact.ts';

export const recentChanges = artifact({
  id: 'recent-changes',
  title: 'Recent changes',
  what: 'Up to 5,000 files under /etc, /usr, /opt, /boot, /srv and /var/spool whose inode changed since the given time, newest first. Files that did not change after their package was installed (apk: that are what it brought) are counted, not listed.',
  techniques: ['T1070.006'],
  cost: 'full',
  secondsMax: 30,
  script: String.raw`
MERGED=0; [ -L /bin ] && MERGED=1
APK=; [ -d /var/lib/dpkg/info ] || { [ -f /lib/apk/db/installed ] && APK=/lib/apk/db/installed; }
changed() {
  within 15 find /etc /usr /opt /boot /var/spool /srv -xdev \( -path '*/node_modules' -o -path '*/__pycache__' -o -path '/usr/share/doc' -o -path '/usr/share/man' -o -path '/usr/share/locale' -o -path '/usr/share/zoneinfo' \) -prune -o -type f -cmin -$MINUTES ! -path "*$NL*" -print0 2>/dev/null |
    xargs -0 -r stat -c "%Z $META" 2>/dev/null
}
C=; [ -z "$APK" ] || C=$(changed)
list() { if [ -z "$APK" ]; then changed; elif [ -n "$C" ]; then printf '%s\n' "$C"; fi; }
# own[path] of the database of apk: owner, group, mode and SHA-1. What it does not say is root's, and 644.
DB='
!c && $0 == "=changed=" { c = 1; next }
!c && /^F:/ { d = $0 == "F:" ? "" : "/" substr($0, 3) }
!c && /^R:/ { f = d "/" substr($0, 3); if (M) sub("^/usr/", "/", f); a = "0:0:644" }
!c && /^a:/ { a = substr($0, 3) }
!c && /^Z:Q1/ { acl[f] = a; sum[f] = substr($0, 5) }
!c { next }'
# Of the changed files those that are what their package brought: apk keeps no time at which a file came.
whole() {
  { cat $APK; printf '=changed=\n'; list; } | awk -F"$TAB" -v M=$MERGED "$DB"'
    { p = $12; if (M) sub("^/usr/", "/", p) }
    p in acl && acl[p] == $4 ":" $6 ":" $3 { print $12 }' | tr '\n' '\0' |
    within 10 xargs -0 -r sha1sum 2>/dev/null | { cat $APK; printf '=changed=\n'; cat; } | awk -v M=$MERGED -v B=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ "$DB"'
    {
      q = p = substr($0, 43); if (M) sub("^/usr/", "/", q)
      h = ""; for (i = 1; i < 28; i += 2) { e = index(B, substr(sum[q], i + 1, 1)); h = h sprintf("%03x", (index(B, substr(sum[q], i, 1)) - 1) * 64 + (e ? e - 1 : 0)) }
      if (substr(h, 1, 40) == substr($0, 1, 40)) print "9999999999 " p
    }'
}
# Until when a packaged file is its package's: the inode's time of dpkg's list, or what rpm wrote down.
came() {
  if [ -d /var/lib/dpkg/info ]; then
    find /var/lib/dpkg/info -name '*.list' -print0 | xargs -0 -r stat -c '%Z %n' 2>/dev/null |
      awk '{ f = substr($0, index($0, " ") + 1); while ((getline p < f) > 0) print $1 " " p; close(f) }'
  elif [ -n "$APK" ]; then whole; printf '0 /\n'
  elif has rpm; then within 10 rpm -qa --qf '[%{=INSTALLTIME} %{FILENAMES}\n]' 2>/dev/null
  fi
}
# A package's files come within minutes of its list, also where an image is unpacked.
{ came; printf '=changed=\n'; list; } | awk -F"$TAB" -v N="$N" -v M=$MERGED '
  !c && $0 == "=changed=" { c = 1; next }
  !c { s = index($0, " "); p = substr($0, s + 1); if (M && substr(p, 1, 5) == "/usr/") p = substr(p, 5); t = substr($0, 1, s - 1) + 600; if (t > own[p]) own[p] = t; known = 1; next }
  { t = substr($0, 1, index($0, " ") - 1) + 0; p = $12; if (M && substr(p, 1, 5) == "/usr/") p = substr(p, 5); if (p in own && t <= own[p]) { left++; next } print }
  END { if (known) printf "9999999999 %s\tleft\t%d\n", N, left }' | sort -rn | awk -v N="$N" '
  NR == 5002 { printf "%s\tnote\tmore than 5,000 files changed since then; the newest are listed\n", N; exit }
  { print substr($0, index($0, " ") + 1) }'
`,
  parse: ({ rows }) => {
    const left = rows.find(({ tag }) => tag === 'left');
    const counted = left
      ? [
          fact({
            artifact: 'recent-changes',
            key: 'packaged files',
            value: 'listed where newer than their package',
            detail: { unchangedSinceInstalled: headOf(left.text)[0].trim() },
          }),
        ]
      : [];
    const files = filesOf(rows).map((file) => {
      // A file set back in time: its content is said to be much older than its inode, and it is no package's doing.
      const { modifiedAt, changedAt } = file;
      const setBack =
        modifiedAt !== null && changedAt !== null && changedAt.getTime() - modifiedAt.getTime() > 86_400_000;
      return fileFact('recent-changes', file, {
        technique: setBack ? 'T1070.006' : '',
        value: `${file.mode} ${file.owner} ${file.bytes} bytes`,
        detail: { setBack: setBack ? 'yes' : '' },
      });
    });
    return [...counted, ...files];
  },
});
