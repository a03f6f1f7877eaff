/** Where a Java server takes in code at run time: agents, plug-ins, script folders such as ScriptRunner's. */
import { filesOf } from '../collector/records.ts';
import { artifact, fileFact } from './artifact.ts';

export const java = artifact({
  id: 'java',
  title: 'Java agents and plug-ins',
  what: 'Plug-ins of Jira, Confluence, Bitbucket, Jenkins, Elasticsearch; ScriptRunner and init scripts as text; start options with agents; attach files.',
  techniques: ['T1505', 'T1574', 'T1059'],
  cost: 'full',
  secondsMax: 25,
  withoutRoot: 'without root closed folders are not searched',
  script: String.raw`
i_=$IFS; IFS=$NL
set -- $(there /opt /var/atlassian /var/lib/jenkins /var/lib/tomcat* /usr/share/tomcat* /usr/share/jenkins /usr/share/elasticsearch /etc/elasticsearch /var/lib/jira /var/lib/confluence /var/lib/bitbucket /home/*/atlassian /home/jira /home/confluence /data/jira /data/atlassian /srv)
IFS=$i_
if [ $# -gt 0 ]; then
JARS=$(within 10 find "$@" -xdev -type f \( -path '*/plugins/*.jar' -o -path '*/plugins/*.hpi' -o -path '*/plugins/*.jpi' -o -path '*/installed-plugins/*' -o -path '*/webapps/*.war' -o -name '*agent*.jar' \) ! -path "*$NL*" -print | head -n 3000)
TEXTS=$(within 10 find "$@" -xdev -type f \( -path '*/scripts/*.groovy' -o -path '*scriptrunner*.groovy' -o -path '*/init.groovy.d/*' -o -name setenv.sh -o -name 'jvm.options' -o -path '*/jvm.options.d/*' -o -name 'catalina.sh' -o -name 'set-bitbucket-home.sh' -o -name '_start-webapp.sh' -o -path '*/jobs/*/config.xml' \) ! -path "*$NL*" -print | head -n 1000)
fi
jars() { [ -z "$JARS" ] || printf '%s\n' "$JARS" | tr '\n' '\0'; }
texts() { [ -z "$TEXTS" ] || printf '%s\n' "$TEXTS" | tr '\n' '\0'; ff /etc/java* /etc/default /etc/sysconfig -type f \( -name '*jira*' -o -name '*tomcat*' -o -name '*jenkins*' -o -name '*java*' -o -name 'jvm*' \); }
sums jars
all texts
ff /tmp /proc/[0-9]*/cwd/ -maxdepth 1 \( -name '.attach_pid*' -o -name '.java_pid*' \) | meta
`,
  parse: ({ rows }) =>
    filesOf(rows).map((file) =>
      fileFact('java', file, {
        technique: /\.groovy$|config\.xml$/.test(file.path)
          ? 'T1059'
          : /\.(jar|hpi|jpi|war)$/.test(file.path)
            ? 'T1505'
            : 'T1574',
      }),
    ),
});
