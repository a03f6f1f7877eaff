/** Units, timers, drop-ins and generators: everything that systemd starts. */
import { filesArtifact } from './artifact.ts';

export const systemd = filesArtifact({
  id: 'systemd',
  title: 'systemd',
  what: 'Unit files, timers and drop-ins of the system and of users, generators, shutdown and sleep hooks, what is enabled.',
  techniques: ['T1543.002', 'T1053.006'],
  withoutRoot: 'without root the units of other users cannot be read',
  bytesMax: 6 * 1024 * 1024,
  script: String.raw`
[ -d /etc/systemd ] || [ -d /usr/lib/systemd ] || [ -d /lib/systemd ] || none 'there is no systemd here'
own() { ff /etc/systemd /run/systemd/system /run/systemd/user /run/systemd/transient /run/systemd/generator /run/systemd/generator.early /run/systemd/generator.late /usr/local/lib/systemd /usr/local/share/systemd -type f; i_=$IFS; IFS=$NL; for h_ in $(homes); do ff "$h_/.config/systemd" "$h_/.local/share/systemd" -type f; done; IFS=$i_; }
all own
lib=/usr/lib/systemd; [ -L /lib ] || lib="$lib /lib/systemd"
vendor() { ff $lib -type f \( -path '*/system/*' -o -path '*/user/*' -o -path '*-generators/*' -o -path '*-shutdown/*' -o -path '*-sleep/*' -o -path '*-preset/*' \); }
sums vendor
vendor | acts
ff /etc/systemd /run/systemd/system /run/systemd/user -type l | meta
`,
  techniqueOf: (path) => (/\.timer(\.d\/|$)/.test(path) ? 'T1053.006' : 'T1543.002'),
});
