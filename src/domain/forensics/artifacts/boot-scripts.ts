/** What starts with the machine without systemd: rc.local, init scripts, inittab, OpenRC. */
import { filesArtifact } from './artifact.ts';

export const bootScripts = filesArtifact({
  id: 'boot-scripts',
  title: 'rc and init scripts',
  what: 'rc.local, init.d, inittab, local.d and runlevels of OpenRC, upstart, boot-time hooks.',
  techniques: ['T1037.004'],
  script: String.raw`
all ff /etc/rc.local /etc/rc.d/rc.local /etc/rc.boot /etc/inittab /etc/local.d /etc/init /etc/init.d /etc/rc.d/init.d /etc/conf.d /etc/default /etc/sysconfig \( -type f -o -type l \) ! -name '*.rpmsave'
ff /etc/runlevels /etc/rc0.d /etc/rc1.d /etc/rc2.d /etc/rc3.d /etc/rc4.d /etc/rc5.d /etc/rc6.d /etc/rcS.d -type l | meta
`,
});
