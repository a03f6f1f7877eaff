/**
 * What is asked of a host: who it is now, and to restart. The request compares the boot identity on the host itself
 * with the one that was recorded, so that no repeat of it can restart a system that has restarted already.
 */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { printable } from '../../kernel/text.ts';
import type { Fleet, RunOutcome, SshHost } from '../../ssh/index.ts';
import type { BootIdentity, RebootTarget } from './types.ts';

/** Reads the identity. Every value is one line of plain characters, or it is not taken. */
const identityScript = `
f() { printf '%s=%s\\n' "$1" "$(tr -d '\\000' 2>/dev/null | head -c 200 | head -n 1)"; }
f boot_id </proc/sys/kernel/random/boot_id
# When the first process began: of a container, that is its own start and not its machine's.
btime=$(sed -n 's/^btime //p' /proc/stat); init=$(cat /proc/1/stat); set -- \${init##*) }
echo "$((btime + \${20:-0} / $(getconf CLK_TCK 2>/dev/null || echo 100)))" | f boot_time
{ cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null; } | f machine_id
{ cat /run/systemd/container 2>/dev/null || { [ -f /.dockerenv ] && echo docker; } || { [ -f /run/.containerenv ] && echo podman; } || tr '\\000' '\\n' </proc/1/environ 2>/dev/null | sed -n 's/^container=//p'; } | f container
if grep -q ' /proc/sys/kernel/random/boot_id ' /proc/self/mountinfo 2>/dev/null; then echo own; else echo shared; fi | f boot_id_of
`;

/** Asks for a restart when the host is still the one that was recorded; says what it found. */
export const requestScript = (bootId: string, command: string): string => `
now=$(cat /proc/sys/kernel/random/boot_id)
if [ "$now" != ${quote(bootId)} ]; then echo "already $now"; exit 0; fi
echo "requested"
( trap '' HUP; sleep 1; [ "$(cat /proc/sys/kernel/random/boot_id)" = ${quote(bootId)} ] || exit 0
${command}
) </dev/null >/dev/null 2>&1 &
`;

/** A word for sh, whatever it holds. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\\\''")}'`;

export type Probe = { identity: BootIdentity } | { away: RunOutcome };

export function sshHostOf(host: string, target: RebootTarget): SshHost {
  return {
    name: host,
    address: target.address,
    port: target.port,
    ...(target.login && { user: target.login }),
    ...(target.jump && { jump: target.jump }),
  };
}

/** Runs a script as root, and gathers what it prints. */
export async function runOn(
  fleet: Fleet,
  host: SshHost,
  script: string,
  msMax: number,
): Promise<{ outcome: RunOutcome; output: string; errors: string }> {
  const chunks: Buffer[] = [];
  let errors = '';
  const outcome = await fleet.run(host, {
    script,
    sudo: true,
    outputBytesMax: limits.rebootProbeBytesMax,
    msMax,
    onOutput: (chunk) => chunks.push(chunk),
    onErrorOutput: (text) => {
      errors = text;
    },
  });
  return { outcome, output: Buffer.concat(chunks).toString('utf8'), errors };
}

/** Who the host is now, or why it can't be said. */
export async function identify(fleet: Fleet, host: SshHost, now: () => Date): Promise<Probe> {
  const { outcome, output } = await runOn(fleet, host, identityScript, limits.rebootProbeMsMax);
  if (outcome.state !== 'answered' || outcome.exitCode !== 0) return { away: outcome };
  const identity = readIdentity(output);
  if (!identity) {
    const why = 'it gives no boot identity (/proc/sys/kernel/random/boot_id)';
    return { away: { state: 'refused', code: 'shell', why } };
  }
  return { identity: { ...identity, hostKey: outcome.hostKey, seenAt: now().toISOString() } };
}

/** Values that are not what they should be are not taken. */
function readIdentity(output: string): Omit<BootIdentity, 'hostKey' | 'seenAt'> | undefined {
  const values = new Map(
    output.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()] as const] : [];
    }),
  );
  const bootId = values.get('boot_id') ?? '';
  const seconds = Number(values.get('boot_time'));
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bootId)) return undefined;
  if (!Number.isInteger(seconds) || seconds <= 0 || seconds > 8_640_000_000_000 / 1000) return undefined;
  const machineId = values.get('machine_id') ?? '';
  const container = printable(values.get('container') ?? '', 64);
  return {
    bootId,
    bootedAt: new Date(seconds * 1000).toISOString(),
    machineId: /^[0-9a-f]{32}$/.test(machineId) ? machineId : '',
    container,
    sharesBootId: container !== '' && values.get('boot_id_of') !== 'own',
  };
}

/** Why a host did not answer, in words that name the key it showed when that is the reason. */
export function describeAway(outcome: RunOutcome): { code: string; why: string } {
  if (outcome.state === 'answered') {
    const end = outcome.exitCode === null ? `signal ${outcome.signal}` : `exit code ${outcome.exitCode}`;
    return { code: 'no-identity', why: `it answered, but not who it is (${end})` };
  }
  return { code: `${outcome.state}-${outcome.code}`, why: printable(outcome.why, 500) };
}

/** Throws internal: a member must have been identified before anything is asked of it. */
export function identified(before: BootIdentity | null): BootIdentity {
  if (!before)
    throw new FirebreakError('internal', 'a host is asked to restart only when it is known who it is');
  return before;
}
