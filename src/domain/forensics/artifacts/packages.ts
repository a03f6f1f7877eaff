/** What is installed, with versions. */
import { fieldsOf } from '../collector/records.ts';
import { artifact, fact } from './artifact.ts';

export const packages = artifact({
  id: 'packages',
  title: 'Packages',
  what: 'Installed packages with their versions, from dpkg, rpm or apk.',
  techniques: ['T1072', 'T1195.002'],
  script: String.raw`
if [ -f /var/lib/dpkg/status ]; then awk -v N="$N" '/^Package: /{p=$2} /^Status: /{s=$4} /^Version: /{v=$2} /^Architecture: /{a=$2} /^$/{if (p != "" && s == "installed") printf "%s\tpackage\t%s\t%s\t%s\n", N, p, a, v; p=""} END{if (p != "" && s == "installed") printf "%s\tpackage\t%s\t%s\t%s\n", N, p, a, v}' /var/lib/dpkg/status
elif [ -f /lib/apk/db/installed ]; then awk -v N="$N" '/^P:/{p=substr($0,3)} /^V:/{v=substr($0,3)} /^A:/{a=substr($0,3)} /^$/{if (p != "") printf "%s\tpackage\t%s\t%s\t%s\n", N, p, a, v; p=""}' /lib/apk/db/installed
elif has rpm; then within 20 rpm -qa --qf "$N\tpackage\t%{NAME}\t%{ARCH}\t%{VERSION}-%{RELEASE}\n"
else none 'no package manager that is known'
fi
`,
  parse: ({ rows }) =>
    rows.flatMap(({ tag, text }) => {
      if (tag !== 'package') return [];
      const [name = '', architecture = '', version = ''] = fieldsOf(text, 2);
      return [
        fact({ artifact: 'packages', key: `${name}:${architecture}`, value: version, detail: { name } }),
      ];
    }),
});
