/**
 * Assembles the collector: one POSIX shell script for `sh` on stdin. On the host nothing is installed or written,
 * everything is read at the lowest priority, and each artifact has its own bounds of time and bytes.
 */
import { assert } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import type { Artifact } from '../artifacts/artifact.ts';
import { selectArtifacts } from '../artifacts/index.ts';
import type { CostClass } from '../types.ts';
import { prelude } from './prelude.ts';

export interface CollectorOptions {
  /** Ids; without them all of the cost class. */
  artifacts?: readonly string[];
  /** `light` leaves out what reads much; `full` is everything, and the default. */
  cost?: CostClass;
  /** From when on changed files are listed; without it the last 30 days. */
  since?: Date;
  /** 16 to 64 hexadecimal digits, random, new for each host. */
  nonce: string;
  /** How many times its usual time an artifact has at least; a busy host has more by itself. */
  patience?: number;
  /** What fingerprints of secrets are salted with, in hexadecimal; the same for all hosts that are to be compared. */
  salt?: string;
}

/** The script. The same options give the same text, so its hash names what was run. */
export function buildCollector(options: CollectorOptions): string {
  const { nonce, salt = nonce } = options;
  assert(/^[0-9a-f]{16,64}$/.test(nonce), 'a nonce is 16 to 64 hexadecimal digits');
  assert(/^[0-9a-f]{0,128}$/.test(salt), 'a salt is hexadecimal');
  const artifacts = selectArtifacts(options.artifacts, options.cost ?? 'full');
  const since = options.since === undefined ? '' : String(Math.floor(options.since.getTime() / 1000));
  const patience = Math.min(options.patience ?? 1, limits.collectPatienceMax);
  return [
    head({ nonce, salt, since, patience, ids: artifacts.map(({ id }) => id) }),
    ...artifacts.map(call),
    `printf '@%s finish\\n' "$N"`,
    '',
  ].join('\n');
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function call({ id, secondsMax, bytesMax, withoutRoot, script }: Artifact): string {
  const seconds = Math.min(secondsMax, limits.collectArtifactSecondsMax);
  const bytes = Math.min(bytesMax, limits.collectArtifactBytesMax);
  const note = withoutRoot === undefined ? '' : `[ "$ROOT" = 1 ] || note ${quote(withoutRoot)}\n`;
  return `artifact ${id} ${seconds} ${bytes} ${quote(note + script.trim())}`;
}

interface Head {
  nonce: string;
  salt: string;
  since: string;
  patience: number;
  ids: string[];
}

/**
 * Bounds of time are for a host that has little else to do. The collector lets all others go first, so where more
 * wants to run than there are processors, everything takes its multiple of time, and has it.
 *
 * Fragments travel in the environment, so that the process list shows only `sh`. Payloads are base64, or
 * hexadecimal where the host has no base64; no line of either begins with `@`. The count at an artifact's end is
 * that of encoded characters.
 */
function head({ nonce, salt, since, patience, ids }: Head): string {
  return String.raw`# Firebreak's collector: reads, and writes nothing. Feed it to sh; what it prints is for "triage import".
LC_ALL=C; LANG=C; QUOTING_STYLE=literal; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GREP_OPTIONS AWKPATH POSIXLY_CORRECT ENV BASH_ENV
umask 077
N=${nonce}; SALT=${salt}; SINCE=${since}; SELF=$$; FILE_MAX=${limits.collectFileBytesMax}
ROOT=0; [ "$(id -u)" = 0 ] && ROOT=1
STARTED=$(date +%s); read -r UP x </proc/uptime; UP=${'$'}{UP%%.*}; [ -n "$SINCE" ] || SINCE=$((STARTED - 2592000))
MINUTES=$(( (STARTED - SINCE) / 60 + 1 ))
TIMEOUT=; case $(timeout --help 2>&1) in *BusyBox*) echo | { read -t 1 x; } 2>/dev/null && TIMEOUT=read ;; *) timeout -s KILL 5 true 2>/dev/null && TIMEOUT=timeout ;; esac
renice -n 19 -p $$ >/dev/null 2>&1; ionice -c 3 -p $$ >/dev/null 2>&1
NOTE=; command -v sha256sum >/dev/null 2>&1 || NOTE=$(printf '%s\tnote\tsha256sum is missing, so nothing was hashed' "$N")
CODE=hex; printf x | base64 >/dev/null 2>&1 && CODE=base64
P=${quote(prelude)}
CPUS=$(grep -c '^processor' /proc/cpuinfo 2>/dev/null); case $CPUS in '' | 0 | *[!0-9]*) CPUS=1 ;; esac
slow() {
  l=; n=; read -r l x y n z 2>/dev/null </proc/loadavg; l=${'$'}{l%%.*}; n=${'$'}{n%%/*}
  case $l in '' | *[!0-9]*) l=0 ;; esac; case $n in '' | *[!0-9]*) n=0 ;; esac
  [ $n -le $l ] || l=$n
  SLOW=$((1 + l / CPUS)); [ $SLOW -ge ${patience} ] || SLOW=${patience}; [ $SLOW -le ${limits.collectPatienceMax} ] || SLOW=${limits.collectPatienceMax}
}
export SLOW; export LC_ALL LANG QUOTING_STYLE PATH N P SALT SINCE MINUTES SELF ROOT TIMEOUT FILE_MAX
eval "$P"
encode() { if [ $CODE = base64 ]; then base64; else od -An -v -tx1; fi; }
artifact() {
  read -r u x </proc/uptime
  if [ $((${'$'}{u%%.*} - UP)) -gt ${limits.collectHostSecondsMax} ]; then printf '@%s late %s\n' "$N" "$1"; return; fi
  slow
  printf '@%s begin %s %s\n' "$N" "$1" $CODE
  { [ -z "$NOTE" ] || printf '%s\n' "$NOTE"; A=$4; export A; bound $(($2 * SLOW)) sh -c 'eval "$P$A"' 3>&1; printf '\n%s\tdone\t%s\n' "$N" $?; } </dev/null 2>/dev/null | head -c "$3" | encode |
    awk -v e="@$N end $1" '{ n += length($0); print } END { printf "%s %d\n", e, n }'
}
printf '@%s firebreak 1 %s %s %s\n' "$N" "$STARTED" "$ROOT" '${ids.join(',')}'`;
}
