/** Where names and packets are sent: hosts, resolvers, proxies, routes, trusted certificates of the host's own. */
import { filesArtifact } from './artifact.ts';

export const network = filesArtifact({
  id: 'network',
  title: 'Network settings and trust',
  what: 'hosts, resolv.conf, proxies, network configuration, certificate authorities added by hand, trusted keys of package sources.',
  techniques: ['T1565.001', 'T1553.004', 'T1557'],
  script: String.raw`
all ff /etc/hosts /etc/resolv.conf /etc/hosts.allow /etc/hosts.deny /etc/netplan /etc/nftables.conf /etc/iptables /etc/squid /etc/proxychains.conf /etc/proxychains4.conf -type f
sums ff /usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d /etc/apt/keyrings /etc/pki/rpm-gpg /etc/apk/keys -type f
`,
  techniqueOf: (path) => (/certificates|ca-trust/.test(path) ? 'T1553.004' : 'T1565.001'),
});
