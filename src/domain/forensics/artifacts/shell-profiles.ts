/** What every shell runs when it starts. */
import { filesArtifact } from './artifact.ts';

export const shellProfiles = filesArtifact({
  id: 'shell-profiles',
  title: 'Shell profiles',
  what: 'profile, profile.d, bashrc and their like of the system and of every account, /etc/environment, skel.',
  techniques: ['T1546.004'],
  withoutRoot: 'without root the profiles of other accounts may be unreadable',
  script: String.raw`
all ff /etc/profile /etc/profile.d /etc/bash.bashrc /etc/bashrc /etc/bash /etc/bash.bash_logout /etc/bash_completion.d /etc/zsh /etc/zshrc /etc/zshenv /etc/zprofile /etc/fish /etc/csh.cshrc /etc/csh.login /etc/environment /etc/environment.d /etc/skel /etc/security/pam_env.conf /etc/shells \( -type f -o -type l \)
own() { athome .bashrc .bash_profile .bash_login .profile .bash_logout .bash_aliases .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc .login .config/fish/config.fish .xprofile .xinitrc .xsession .xsessionrc .pam_environment .vimrc .inputrc .tmux.conf .screenrc '.config/environment.d/*'; }
all own
`,
});
