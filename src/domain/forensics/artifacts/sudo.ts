/** Who may become another user: sudo, doas and polkit rules. */
import { filesArtifact } from './artifact.ts';

export const sudo = filesArtifact({
  id: 'sudo',
  title: 'sudo, doas and polkit',
  what: 'Rules of sudoers, sudoers.d, doas and polkit, as text.',
  techniques: ['T1548.003'],
  withoutRoot: 'without root the rules of sudo cannot be read',
  script: String.raw`
all ff /etc/sudoers /etc/sudoers.d /usr/local/etc/sudoers /usr/local/etc/sudoers.d /etc/doas.conf /etc/doas.d /etc/polkit-1 /var/lib/polkit-1 /usr/local/share/polkit-1 \( -type f -o -type l \)
`,
});
