/** Code that interpreters load by themselves: Python's .pth and sitecustomize, Perl, Node, Ruby. */
import { filesArtifact } from './artifact.ts';

export const startupCode = filesArtifact({
  id: 'startup-code',
  title: 'Startup code of interpreters',
  what: '.pth files that import, sitecustomize and usercustomize of Python, Perl’s sitecustomize.',
  techniques: ['T1546.018'],
  cost: 'full',
  script: String.raw`
own() { athome '.local/lib/python*/site-packages/*.pth' '.local/lib/python*/site-packages/usercustomize.py' '.local/lib/python*/site-packages/sitecustomize.py' .pythonrc .perltidyrc; within 10 find /usr/lib/python3 /usr/lib/python3* /usr/local/lib/python* /usr/lib64/python* /etc/python* /etc/perl /usr/local/share/perl -maxdepth 3 -type f \( -name '*.pth' -o -name sitecustomize.py -o -name usercustomize.py -o -name sitecustomize.pl \) ! -path "*$NL*" -print0; }
all own
`,
});
