/** Libraries that the dynamic linker loads into every program. */
import { filesArtifact } from './artifact.ts';

export const preload = filesArtifact({
  id: 'preload',
  title: 'Dynamic linker',
  what: 'ld.so.preload, ld.so.conf and ld.so.conf.d as text, and the libraries that they name.',
  techniques: ['T1574.006'],
  script: String.raw`
all ff /etc/ld.so.preload /etc/ld.so.conf /etc/ld.so.conf.d /etc/ld-musl-x86_64.path /etc/ld-musl-aarch64.path -type f
for f in $(tr ':,' '  ' </etc/ld.so.preload 2>/dev/null | head -n 50); do case $f in /*) printf '%s\0' "$f" ;; esac; done | hash
`,
});
