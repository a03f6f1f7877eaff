/** How logins are checked: PAM's configuration and its modules. */
import { filesArtifact } from './artifact.ts';

export const pam = filesArtifact({
  id: 'pam',
  title: 'PAM and name services',
  what: 'pam.d and nsswitch as text, security modules and name-service libraries with hashes.',
  techniques: ['T1556.003'],
  script: String.raw`
all ff /etc/pam.d /etc/pam.conf /etc/nsswitch.conf /etc/security -type f
lib='/usr/lib /usr/lib64'; [ -L /lib ] || lib="$lib /lib /lib64"
sums ff $lib /usr/local/lib -maxdepth 3 -type f \( -path '*/security/*.so*' -o -name 'libnss_*' -o -name 'pam_*.so*' \)
`,
});
