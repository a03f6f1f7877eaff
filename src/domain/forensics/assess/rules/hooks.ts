/** What is run by something else: shells, the linker, PAM, udev, package managers, desktops, interpreters, git. */
import type { Fact } from '../../types.ts';
import type { HostView } from '../host-view.ts';
import { hasTraits, isHidden, isTemporary, type Judgement, type Rule, withTraits } from '../rule.ts';

const notOurs = (fact: Fact, host: HostView): boolean =>
  fact.detail.idle !== 'yes' && fact.detail.target !== '/dev/null' && host.isForeign(fact.path);

export const hookRules: readonly Rule[] = [
  {
    id: 'shell-profile',
    title: 'A shell profile that does more than settings',
    technique: 'T1546.004',
    artifact: 'shell-profiles',
    judge: (fact, host) => {
      const state = host.stateOf(fact.path);
      if (/^\/etc\/(profile\.d|bash_completion\.d)\//.test(fact.path) && notOurs(fact, host))
        return withTraits(fact, 55, `${fact.path} runs in every login shell and belongs to no package`);
      // A text that is cut off may say anything behind its beginning.
      if (fact.detail.cut === 'yes' && state !== 'packaged')
        return { score: 56, why: `${fact.path} runs when a shell starts and is longer than such a file is` };
      if (!hasTraits(fact) || state === 'packaged') return undefined;
      return withTraits(fact, 35, `${fact.path} runs when a shell starts`);
    },
  },
  {
    id: 'ld-so-preload',
    title: 'A library is loaded into every program',
    technique: 'T1574.006',
    artifact: 'preload',
    judge: (fact) => {
      if (fact.path === '/etc/ld.so.preload' && Number(fact.detail.bytes) > 0 && fact.detail.idle !== 'yes')
        return { score: 92, why: `/etc/ld.so.preload names ${(fact.detail.text ?? 'something').trim()}` };
      return undefined;
    },
  },
  {
    id: 'linker-path',
    title: 'The linker searches a folder of no package',
    technique: 'T1574.006',
    artifact: 'preload',
    judge: (fact, host) => {
      if (!fact.path.startsWith('/etc/ld.so.conf.d/') || !notOurs(fact, host)) return undefined;
      const odd = (fact.detail.text ?? '')
        .split('\n')
        .some((line) => isTemporary(`${line.trim()}/x`) || isHidden(line.trim()));
      return {
        score: odd ? 75 : 40,
        why: `${fact.path} belongs to no package and names ${(fact.detail.text ?? '').trim()}`,
      };
    },
  },
  {
    id: 'pam-module',
    title: 'A security module that no package brought',
    technique: 'T1556.003',
    artifact: 'pam',
    judge: (fact, host) => {
      if (!/\.so/.test(fact.path)) return undefined;
      const state = host.stateOf(fact.path);
      if (state === 'packaged' || state === 'unknown') return undefined;
      const said = state === 'changed' ? 'is not what its package brought' : 'belongs to no package';
      return { score: 88, why: `${fact.path} takes part in every login and ${said}` };
    },
  },
  {
    id: 'pam-configuration',
    title: 'PAM lets in or runs something that it should not',
    technique: 'T1556.003',
    artifact: 'pam',
    judge: judgePam,
  },
  {
    id: 'udev-rule',
    title: 'A udev rule that runs a program',
    technique: 'T1546.017',
    artifact: 'udev',
    judge: (fact, host) => {
      if (!notOurs(fact, host)) return undefined;
      const runs = /\b(RUN|PROGRAM|IMPORT\{program\})\b/.test(fact.detail.text ?? '');
      const why = `${fact.path} belongs to no package${runs ? ' and runs a program when a device appears' : ''}`;
      return withTraits(fact, runs ? 62 : 30, why);
    },
  },
  {
    id: 'system-hook',
    title: 'A hook of the system that no package brought',
    technique: 'T1546',
    artifact: 'hooks',
    judge: judgeHook,
  },
  {
    id: 'autostart',
    title: 'A desktop entry that starts with the session',
    technique: 'T1547.013',
    artifact: 'autostart',
    judge: (fact, host) => {
      if (!notOurs(fact, host)) return undefined;
      const exec = /^\s*Exec\s*=\s*(.*)$/m.exec(fact.detail.text ?? '')?.[1] ?? '';
      const isEntry = /autostart/.test(fact.path);
      const why = `${fact.path} belongs to no package and starts ${exec || 'something'}`;
      return { ...withTraits(fact, isEntry ? 55 : 40, why), technique: fact.technique };
    },
  },
  {
    id: 'startup-code',
    title: 'An interpreter loads code by itself',
    technique: 'T1546.018',
    artifact: 'startup-code',
    judge: (fact, host) => {
      if (!notOurs(fact, host)) return undefined;
      const code = /\.pth$/.test(fact.path) ? /^\s*import\s/m.test(fact.detail.text ?? '') : true;
      const usual = /\/(distutils-precedence|.*-nspkg|easy-install|_virtualenv|zope.*)\.pth$/.test(fact.path);
      const why = `${fact.path} belongs to no package and runs whenever the interpreter starts`;
      return code ? withTraits(fact, usual ? 15 : 55, why) : undefined;
    },
  },
  {
    id: 'git-hook',
    title: 'A git hook or setting that runs a program',
    technique: 'T1546',
    artifact: 'git-hooks',
    judge: (fact) => {
      if (/\/hooks\//.test(fact.path))
        return withTraits(fact, 52, `${fact.path} runs when somebody works with the repository`);
      const runs =
        /^\s*(hooksPath|fsmonitor|sshCommand|pager|editor)\s*=\s*(?!true\b|false\b|less\b|vi|nano|cat\b)(.*)$/im.exec(
          fact.detail.text ?? '',
        );
      return runs ? withTraits(fact, 50, `${fact.path} sets ${runs[1]} to ${runs[2]}`) : undefined;
    },
  },
];

function judgePam(fact: Fact): Judgement | undefined {
  if (!/^\/etc\/pam\.(d\/|conf)/.test(fact.path)) return undefined;
  for (const line of (fact.detail.text ?? '').split('\n')) {
    if (/^\s*#/.test(line)) continue;
    if (/\bauth\s+(sufficient|\[[^\]]*success=done[^\]]*\])\s+pam_permit\.so/.test(line))
      return { score: 90, why: `${fact.path} lets everybody in: "${line.trim()}"` };
    if (/\bpam_(exec|python|script|lua)\.so\b/.test(line))
      return withTraits(fact, 66, `${fact.path} runs a program at login: "${line.trim()}"`);
    const module = /\s(\/\S+\.so)\b/.exec(line)?.[1];
    if (module !== undefined && !/^(\/usr)?\/lib(32|64)?\/([^/]+\/)?security\//.test(module))
      return { score: 82, why: `${fact.path} loads a module from an unusual place: "${line.trim()}"` };
  }
  return undefined;
}

const runsByPath: readonly [place: RegExp, score: number, does: string][] = [
  [/^\/etc\/update-motd\.d\//, 60, 'runs as root at every login'],
  [
    /^\/etc\/NetworkManager\/dispatcher\.d\/|networkd-dispatcher|^\/etc\/network\/if-|^\/etc\/dhcp\/|^\/etc\/ppp\//,
    58,
    'runs when the network changes',
  ],
  [/^\/etc\/kernel\/|^\/etc\/initramfs-tools\/|dracut/, 55, 'runs when a kernel is installed'],
  [/yum-plugins|^\/etc\/apk\/commit_hooks\.d\//, 60, 'runs when packages are installed'],
  [/^\/etc\/acpi\//, 52, 'runs on events of the hardware'],
];

function judgeHook(fact: Fact, host: HostView): Judgement | undefined {
  const { path, technique } = fact;
  const text = fact.detail.text ?? '';
  const invokes = /(Pre|Post)-(Invoke|Install-Pkgs)|Update::\S*Invoke|pre-invoke|post-invoke/i.test(text);
  // Images of containers come with a hook that only empties apt's cache.
  const onlyCleans =
    invokes &&
    !/(curl|wget|nc |bash|\/dev\/tcp|python|perl)/.test(text) &&
    /rm -f \/var\/cache\/apt/.test(text);
  const changed = host.stateOf(path) === 'changed';
  if (!notOurs(fact, host) && !(changed && hasTraits(fact))) return undefined;
  const owner = changed ? 'was changed' : 'belongs to no package';
  if (/^\/etc\/(apt|dpkg)\//.test(path) && invokes)
    return {
      ...withTraits(fact, onlyCleans ? 25 : 66, `${path} ${owner} and runs when packages are installed`),
      technique,
    };
  const rule = runsByPath.find(([place]) => place.test(path));
  if (rule && fact.detail.mode !== '644')
    return { ...withTraits(fact, rule[1], `${path} ${owner} and ${rule[2]}`), technique };
  if (/^\/etc\/logrotate\.d\//.test(path) && /(post|pre|first|last)(rotate|action)/.test(text))
    return { ...withTraits(fact, 40, `${path} ${owner} and runs when logs are rotated`), technique };
  return hasTraits(fact) ? { ...withTraits(fact, 35, `${path} ${owner}`), technique } : undefined;
}
