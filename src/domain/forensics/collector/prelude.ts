/**
 * The shell that every artifact's fragment can use. POSIX sh as dash, bash and BusyBox ash have it, and programs in
 * the forms that coreutils and BusyBox share. Nothing here writes a file or starts anything that stays.
 *
 * A fragment prints records. A record is a line that begins with this run's nonce and a tab, then its tag, and all
 * lines after it up to the next such line: a hostile file name or file may hold anything but the nonce.
 */
export const prelude = String.raw`
NL='
'
TAB=$(printf '\t')
# r TAG FIELD...: one record.
r() { printf '%s' "$N"; for f_; do printf '\t%s' "$f_"; done; printf '\n'; }
# Why the artifact is not whole, and that there is no such thing here.
note() { r note "$1"; }
none() { r none "$1"; }
has() { command -v "$1" >/dev/null 2>&1; }
# ff PATH... EXPRESSION: files as a NUL list; those with a line break in their names belong to the artifact odd-names.
ff() { find "$@" ! -path "*$NL*" -print0 2>/dev/null; }
# Of a NUL list: what stat says, the SHA-256, the text.
META="$N${'$'}{TAB}stat$TAB%a$TAB%u$TAB%U$TAB%g$TAB%s$TAB%Y$TAB%Z$TAB%h$TAB%F$TAB%N"
meta() { xargs -0 -r stat -c "$META" 2>/dev/null; }
# Regular files of fewer than so many half kilobytes, or links to such: no file of a terabyte is read, no device.
small() { Z=$1 xargs -0 -r sh -c 'exec find -L "$@" -maxdepth 0 -type f -size "-$Z" -print0' small 2>/dev/null; }
hash() {
  small 131072 | xargs -0 -r sha256sum 2>/dev/null | sed "s/^/$N${'$'}{TAB}hash$TAB/"
}
# Text without the values of what is named like a secret. No file gives more than M bytes.
SHOW='
FNR == 1 { printf "%s\tfile\t%s\n", N, FILENAME; n = 0; cut = 0 }
{
  n += length($0) + 1
  if (n > M) { if (!cut) printf "%s\tcut\t%s\n", N, FILENAME; cut = 1; next }
  if (K != "" && $0 !~ K) next
  if ($0 !~ /[Pp][Aa][Ss][Ss]|[Ss][Ee][Cc][Rr][Ee]|[Tt][Oo][Kk][Ee]|[Kk][Ee][Yy]|CREDEN|:\/\//) { print; next }
  line = $0; out = ""
  gsub(/:\/\/[^\/ \t:@]*:[^\/ \t@]*@/, "://[masked]@", line)
  while (match(line, /([A-Za-z0-9_.-]*(PASS|SECRET|TOKEN|_KEY|APIKEY|CREDENTIAL)[A-Za-z0-9_.-]*[ \t]*=|[A-Za-z0-9_.-]*([Pp]assw|passphrase|[Ss]ecret|[Tt]oken|api_?[Kk]ey|apikey|private_?[Kk]ey|access_?[Kk]ey)[A-Za-z0-9_.-]*"?[ \t]*[=:])[ \t]*/)) {
    out = out substr(line, 1, RSTART + RLENGTH - 1)
    line = substr(line, RSTART + RLENGTH)
    if (sub(/^("[^"]*"?|\047[^\047]*\047?|[^ \t;&]+)/, "", line)) out = out "[masked]"
  }
  print out line
}'
show() { small 2048 | xargs -0 -r awk -v N="$N" -v M="$FILE_MAX" "$SHOW" 2>/dev/null; }
# The same of the lines alone that match K: of units, what they run and when.
acts() { small 2048 | xargs -0 -r awk -v N="$N" -v M="$FILE_MAX" -v K='^[ \t]*(Exec|Environment|On[A-Z]|Listen)' "$SHOW" 2>/dev/null; }
# all LIST...: of every file of a list what stat says, the hash and the text. sums: without the text. Few processes
# count here more than few lines: this is most of what the collector does.
EACH='
stat -c "$META" "$@"
printf "%s\thashes\n" "$N"; find -L "$@" -maxdepth 0 -type f -size -131072 -exec sha256sum {} +
[ "$0" = sums ] || find -L "$@" -maxdepth 0 -type f -size -2048 -exec awk -v N="$N" -v M="$FILE_MAX" "$SHOW" {} +
'
export META SHOW
all() { "$@" | xargs -0 -r sh -c "$EACH" all 2>/dev/null; }
sums() { "$@" | xargs -0 -r sh -c "$EACH" sums 2>/dev/null; }
# Home folders of all accounts, one a line, none of them a folder of the system's own.
homes() {
  { awk -F: '{ print $6 }' /etc/passwd 2>/dev/null; for h_ in /root /home/*; do printf '%s\n' "$h_"; done; } |
    awk '/^\// && !/^\/(bin|sbin|dev|usr|usr\/s?bin|proc|sys|nonexistent|var\/empty|run\/.*|var\/run\/.*)?\/?$/ && !seen[$0]++'
}
# athome NAME...: those files under every home, as a NUL list; a NAME may be a pattern.
athome() {
  i_=$IFS; IFS=$NL
  for h_ in $(homes); do for n_; do for p_ in $h_/$n_; do
    case $p_ in *"$NL"*) continue ;; esac
    [ -f "$p_" ] && printf '%s\0' "$p_"
  done; done; done
  IFS=$i_
}
# Folders that exist, of those given, one a line; with spread they become arguments.
there() { for d_; do [ -e "$d_" ] && printf '%s\n' "$d_"; done; }
# bound SECONDS COMMAND...: runs it and ends it then. BusyBox' timeout leaves a watcher that holds our output for a
# second, so there a shell waits on a pipe that nobody writes to.
bound() {
  b_=$1; shift
  case $TIMEOUT in
  timeout) timeout -s KILL "$b_" "$@" ;;
  read)
    { : | {
      exec 5<>/proc/self/fd/0
      "$@" <&6 5<&- 6<&- & c_=$!
      ( exec 6<&- >/dev/null 2>&1 3>&-; read -t "$b_" x_ <&5; kill -9 $c_ ) & w_=$!
      wait $c_; r_=$?; kill $w_ 2>/dev/null; exit $r_
    }; } 6<&0 ;;
  *) "$@" ;;
  esac
}
# within SECONDS COMMAND...: the same inside a fragment, with more time where the host is slow; what was ended is noted.
within() {
  s_=$(($1 * SLOW)); shift
  bound "$s_" "$@"; r_=$?
  [ $r_ -ne 137 ] && [ $r_ -ne 124 ] || { printf '\n%s\tnote\t%s was ended after %s s\n' "$N" "$1" "$s_" >&3; } 2>/dev/null
  return $r_
}
# Local file systems' roots, one a line: where a walk begins.
disks() { awk '$3 ~ /^(ext[234]|xfs|btrfs|overlay|zfs|f2fs|tmpfs|ramfs|jfs|reiserfs|bcachefs)$/ && $2 !~ /^\/(proc|sys|run\/(user|lock|credentials)|snap|var\/lib\/(docker|containers|kubelet))/ && $2 !~ /\\/ && !seen[$2]++ { print $2 }' /proc/mounts 2>/dev/null; }
# What the package manager says it installed, one path a line.
owned() {
  if [ -d /var/lib/dpkg/info ]; then
    find /var/lib/dpkg/info -name '*.list' -print0 | xargs -0 -r cat
    cat /var/lib/dpkg/diversions 2>/dev/null
  elif [ -f /lib/apk/db/installed ]; then
    awk '/^F:/ { d = substr($0, 3) } /^R:/ { print "/" d "/" substr($0, 3) }' /lib/apk/db/installed
  elif has rpm; then within 30 rpm -qal 2>/dev/null
  fi
}
packages() { [ -d /var/lib/dpkg/info ] || [ -f /lib/apk/db/installed ] || { has rpm && { [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; }; }; }
`;
