/** Rules that run programs when a device appears. */
import { filesArtifact } from './artifact.ts';

export const udev = filesArtifact({
  id: 'udev',
  title: 'udev rules',
  what: 'Rules of udev from /etc, /run and the packages, as text.',
  techniques: ['T1546.017'],
  bytesMax: 3 * 1024 * 1024,
  script: String.raw`
lib=/usr/lib/udev/rules.d; [ -L /lib ] || lib="$lib /lib/udev/rules.d"
all ff /etc/udev /run/udev/rules.d /usr/local/lib/udev $lib \( -type f -o -type l \)
`,
});
