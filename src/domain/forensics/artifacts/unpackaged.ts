/**
 * Files in the places of packages that no package brought. Where a package manager is known, every other file
 * there is packaged: the rules lean on this, so the list of places stands here once.
 */
import { filesOf } from '../collector/records.ts';
import { artifact, fact, fileFact } from './artifact.ts';

/** Files under these are either packaged or listed by this artifact. */
export const packagedPlaces: readonly RegExp[] = [
  /^\/(usr\/)?(bin|sbin|games|libexec)\//,
  /^\/(usr\/)?lib(32|64|x32)?\/(systemd|udev|openssh|sudo|apt|dpkg|NetworkManager|git-core|ssh|cron)\//,
  /^\/(usr\/)?lib(32|64|x32)?\/([^/]*-linux-[^/]*\/)?(security\/[^/]*|[^/]*\.so[^/]*)$/,
  /^\/(usr\/)?lib\/modules\/.*\.ko/,
  /^\/etc\/(cron[^/]*|systemd|init\.d|rc\.d|rc\.local|profile\.d|update-motd\.d|pam\.d|udev|apt|dpkg|xdg|sudoers\.d|ld\.so\.conf\.d|modprobe\.d|modules-load\.d|NetworkManager|network|dhcp|kernel|initramfs-tools|logrotate\.d|polkit-1|ssh|bash_completion\.d|X11|dbus-1|local\.d|periodic|yum|dnf|binfmt\.d|sysctl\.d|acpi|ppp|networkd-dispatcher|python[0-9.]*)(\/|$)/,
  /^\/usr\/lib\/python3[^/]*\/.*(\.pth|(site|user)customize\.py)$/,
  /^\/usr\/share\/(autostart|dbus-1\/system-services)\//,
];

/** Nothing here is ever a package's. */
export const neverPackaged =
  /^\/(tmp|var\/tmp|dev|home|root|run|proc|memfd:|srv|usr\/local|mnt|media|data)(\/|$)/;

export const unpackaged = artifact({
  id: 'unpackaged',
  title: 'Files of no package',
  what: 'Programs, libraries, units, jobs and hooks in the places of packages that no package brought.',
  techniques: ['T1036.005', 'T1543.002', 'T1554'],
  secondsMax: 40,
  script: String.raw`
packages || { none 'no package manager that is known, so whose a file is cannot be told'; exit 0; }
MERGED=0; [ -L /bin ] && MERGED=1
places() {
  b='/usr/bin /usr/sbin /usr/games /usr/libexec'; l='/usr/lib /usr/lib32 /usr/lib64'; [ $MERGED = 1 ] || { b="$b /bin /sbin"; l="$l /lib /lib64"; }
  find $b -type f ! -path "*$NL*"
  find $l -type f \( -path '*/systemd/*' -o -path '*/udev/*' -o -path '*/openssh/*' -o -path '*/sudo/*' -o -path '*/apt/*' -o -path '*/dpkg/*' -o -path '*/NetworkManager/*' -o -path '*/git-core/*' -o -path '*/security/*' -o -path '*/modules/*.ko*' -o -name '*.so*' -o -path '*/python3*/*.pth' -o -path '*/python3*customize.py' \) ! -path "*$NL*"
  find /etc/cron* /etc/systemd /etc/init.d /etc/rc.d /etc/rc.local /etc/profile.d /etc/update-motd.d /etc/pam.d /etc/udev /etc/apt /etc/dpkg /etc/xdg /etc/sudoers.d /etc/ld.so.conf.d /etc/modprobe.d /etc/modules-load.d /etc/NetworkManager /etc/network /etc/dhcp /etc/kernel /etc/initramfs-tools /etc/logrotate.d /etc/polkit-1 /etc/ssh /etc/bash_completion.d /etc/X11 /etc/dbus-1 /etc/local.d /etc/periodic /etc/yum /etc/dnf /etc/binfmt.d /etc/sysctl.d /etc/acpi /etc/ppp /etc/networkd-dispatcher /etc/python* /usr/share/autostart /usr/share/dbus-1/system-services \( -type f -o -type l ! -path '/etc/systemd/*' ! -path '/etc/rc[0-6S].d/*' ! -path '/etc/rc.d/rc[0-6].d/*' \) ! -path "*$NL*"
}
LIST=$({ places 2>/dev/null; printf '=owned=\n'; owned 2>/dev/null; } | awk -v M=$MERGED '
  !o && /^=owned=$/ { o = 1; next }
  { p = $0; if (M && substr(p, 1, 5) == "/usr/") p = substr(p, 5) }
  !o { c[p] = $0; next }
  p in c { delete c[p] }
  END { for (p in c) if (c[p] !~ /\.(pyc|dpkg-(old|dist|new))$|\/__pycache__\//) print c[p] }' | sort | head -n 5000)
list() { [ -z "$LIST" ] || printf '%s\n' "$LIST" | tr '\n' '\0'; }
r known
sums list
list | small 131072 | xargs -0 -r grep -lE '^.ELF' 2>/dev/null | sed "s/^/$N$TAB""elf$TAB/"
`,
  parse: ({ rows }) => {
    const elves = new Set(rows.filter(({ tag }) => tag === 'elf').map(({ text }) => text));
    const facts = filesOf(rows).map((file) =>
      fileFact('unpackaged', file, {
        technique: 'T1036.005',
        detail: { kind: 'file', elf: elves.has(file.path) ? 'yes' : '' },
      }),
    );
    const known = rows.some(({ tag }) => tag === 'known');
    const marker = fact({
      artifact: 'unpackaged',
      key: 'packages',
      value: 'known',
      detail: { kind: 'known' },
    });
    return known ? [marker, ...facts] : [];
  },
});
