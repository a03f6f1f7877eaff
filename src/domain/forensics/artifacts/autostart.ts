/** What a desktop session starts. */
import { filesArtifact } from './artifact.ts';

export const autostart = filesArtifact({
  id: 'autostart',
  title: 'XDG autostart',
  what: 'autostart entries of the system and of every account, D-Bus services outside of packages.',
  techniques: ['T1547.013', 'T1543'],
  script: String.raw`
own() { athome '.config/autostart/*' '.config/autostart-scripts/*' '.config/plasma-workspace/env/*' '.local/share/dbus-1/services/*'; }
all own
all ff /etc/xdg/autostart /usr/share/autostart /usr/local/etc/xdg/autostart /etc/X11/Xsession.d /etc/X11/xinit /etc/dbus-1 /usr/local/share/dbus-1 /usr/share/dbus-1/system-services \( -type f -o -type l \)
`,
  techniqueOf: (path) => (/dbus-1/.test(path) ? 'T1543' : 'T1547.013'),
});
