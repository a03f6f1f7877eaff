/** Hashes of the programs that an intruder replaces first: compared across the fleet, as checksums on the host can be changed too. */
import { filesOf } from '../collector/records.ts';
import { artifact, fileFact } from './artifact.ts';

export const keyPrograms = artifact({
  id: 'key-programs',
  title: 'Key programs',
  what: 'SHA-256 of sshd, login, su, sudo, shells, ps, ls, ss, cron, systemd, package managers and core libraries.',
  techniques: ['T1554'],
  script: String.raw`
list() { for d in /usr/bin /usr/sbin /bin /sbin /usr/local/bin /usr/local/sbin /usr/lib/systemd /usr/lib/openssh /usr/libexec/openssh; do [ -L "$d" ] && continue; for n in sshd ssh sshd-session sftp-server login su sudo passwd bash dash sh busybox ps top ls ss netstat lsof find grep cat id who w last curl wget nc cron crond atd systemd systemctl init dpkg apt rpm yum dnf apk agetty getty modprobe insmod kmod mount ip iptables nft dockerd containerd runc java python3 perl; do [ -f "$d/$n" ] && [ ! -L "$d/$n" ] && printf '%s\0' "$d/$n"; done; done
  for p in /lib/*/libc.so.6 /lib64/libc.so.6 /lib/*/libpam.so.0.* /lib64/libpam.so.0.* /lib/ld-musl-*.so.1 /usr/lib/*/libcrypto.so.3 /lib64/ld-linux-x86-64.so.2; do [ -f "$p" ] && printf '%s\0' "$p"; done; }
sums list
`,
  parse: ({ rows }) => filesOf(rows).map((file) => fileFact('key-programs', file, { technique: 'T1554' })),
});
