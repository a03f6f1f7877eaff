/** Hooks of other programs: the message of the day, package managers, network, DHCP, kernels, log rotation. */
import { filesArtifact } from './artifact.ts';

export const hooks = filesArtifact({
  id: 'hooks',
  title: 'Hooks of the system',
  what: 'update-motd.d, apt, dpkg, yum, dnf and apk hooks, NetworkManager, ifupdown, DHCP, ppp, kernel, initramfs, ACPI, logrotate.',
  techniques: ['T1546.016', 'T1037.004', 'T1546'],
  script: String.raw`
all ff /etc/update-motd.d /etc/motd /etc/motd.d /etc/profile.motd /etc/apt /etc/dpkg /etc/yum /etc/yum.conf /etc/yum.repos.d /etc/dnf /etc/apk /usr/lib/yum-plugins /usr/local/lib/yum-plugins /etc/NetworkManager/dispatcher.d /usr/lib/NetworkManager/dispatcher.d /etc/networkd-dispatcher /etc/network /etc/dhcp /etc/ppp /etc/kernel /etc/initramfs-tools /etc/acpi /etc/logrotate.conf /etc/logrotate.d /etc/needrestart /etc/update-notifier /etc/unattended-upgrades /etc/rsyslog.conf /etc/rsyslog.d /etc/xinetd.d /etc/inetd.conf /etc/qemu-ga /etc/ifplugd /etc/wpa_supplicant /etc/dracut.conf.d /usr/lib/dracut/modules.d \( -type f -o -type l \) ! -name '*.gpg' ! -name '*.asc' ! -path '/etc/apt/trusted*' ! -name auth.conf
`,
  techniqueOf: (path) => {
    if (/^\/etc\/(apt|dpkg|yum|dnf|apk)|yum-plugins/.test(path)) return 'T1546.016';
    return /motd/.test(path) ? 'T1037.004' : 'T1546';
  },
});
