/** Hooks that run when somebody works with a repository. */
import { filesArtifact } from './artifact.ts';

export const gitHooks = filesArtifact({
  id: 'git-hooks',
  title: 'Git hooks',
  what: 'Active hooks of repositories under homes, /srv, /opt, /var and /etc, templates, and settings that run programs.',
  techniques: ['T1546'],
  cost: 'full',
  secondsMax: 20,
  script: String.raw`
roots() { homes; there /srv /opt /var/www /var/lib /etc /usr/local /usr/share/git-core /data /home; }
i_=$IFS; IFS=$NL; set -- $(roots | awk '!s[$0]++'); IFS=$i_
LIST=$(within 12 find "$@" -xdev \( -name node_modules -o -path '/var/lib/dpkg' -o -path '/var/lib/docker' -o -name .cache -o -name objects \) -prune -o -type f -path '*/hooks/*' ! -name '*.sample' \( -perm -100 -o -perm -10 -o -perm -1 \) \( -path '*/.git/*' -o -path '*.git/hooks/*' -o -path '*/git-core/templates/*' \) ! -path "*$NL*" -print | head -n 2000)
found() { i_=$IFS; IFS=$NL; for p_ in $LIST; do printf '%s\0' "$p_"; done; IFS=$i_; athome .gitconfig .config/git/config; ff /etc/gitconfig -type f; }
all found
`,
});
