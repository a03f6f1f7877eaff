/** Scripts that a web server would run, and what makes one of them a web shell. */
import { fieldsOf, filesOf } from '../collector/records.ts';
import { artifact, fileFact } from './artifact.ts';
import { webTraits } from './web-traits.ts';

const conditions = webTraits
  .map(
    ({ id, awk }) =>
      `  if ($0 ~ /${awk}/ && !((FILENAME SUBSEP "${id}") in seen)) { seen[FILENAME SUBSEP "${id}"] = 1; printf "%s\\ttrait\\t${id}\\t%s\\n", N, FILENAME }`,
  )
  .join('\n');

export const webRoots = artifact({
  id: 'web-roots',
  title: 'Web roots',
  what: 'Scripts of PHP, JSP, ASP, CGI and Groovy under web roots and webapps, with hashes and the marks of web shells.',
  techniques: ['T1505.003'],
  cost: 'full',
  secondsMax: 40,
  withoutRoot: 'without root closed folders are not searched',
  script: String.raw`
i_=$IFS; IFS=$NL
set -- $(there /var/www /srv /usr/share/nginx /usr/share/apache2 /usr/local/apache2/htdocs /usr/local/www /var/lib/tomcat* /usr/share/tomcat* /opt/tomcat* /opt/*/webapps /opt/*/*/webapps /opt/*/public /opt/*/htdocs /opt/atlassian /var/lib/jetty* /opt/jetty* /home/*/public_html /home/*/www /usr/lib/cgi-bin /var/lib/jenkins/userContent /app /data/www)
IFS=$i_
[ $# -gt 0 ] || { none 'no web root was found'; exit 0; }
LIST=$(within 12 find "$@" -xdev \( -name node_modules -o -name .git \) -prune -o -type f \( -name '*.php' -o -name '*.php[0-9]' -o -name '*.phtml' -o -name '*.phar' -o -name '*.jsp' -o -name '*.jspx' -o -name '*.jspf' -o -name '*.asp' -o -name '*.aspx' -o -name '*.ashx' -o -name '*.cgi' -o -name '*.pl' -o -name '*.cfm' -o -name '*.groovy' -o -name '*.vm' -o -name .htaccess -o -name .user.ini -o -path '*/cgi-bin/*' -o -path '*/uploads/*.py' \) ! -path "*$NL*" -print | head -n 20000)
list() { [ -z "$LIST" ] || printf '%s\n' "$LIST" | tr '\n' '\0'; }
sums list
list | small 4096 | within 15 xargs -0 -r awk -v N="$N" '{
CONDITIONS
}' 2>/dev/null | head -n 5000
`.replace('CONDITIONS', () => conditions),
  parse: ({ rows }) => {
    const found = new Map<string, string[]>();
    for (const { tag, text } of rows) {
      if (tag !== 'trait') continue;
      const [id = '', path = ''] = fieldsOf(text, 1);
      found.set(path, [...(found.get(path) ?? []), id]);
    }
    return filesOf(rows).map((file) =>
      fileFact('web-roots', file, {
        technique: 'T1505.003',
        detail: { web: found.get(file.path)?.join(' ') ?? '' },
      }),
    );
  },
});
