/** Who may come in and become root: accounts, sudo, SSH. */
import type { Fact } from '../../types.ts';
import type { HostView } from '../host-view.ts';
import type { Judgement, Rule } from '../rule.ts';
import { hasTraits, withTraits } from '../rule.ts';

const interactive = (shell: string): boolean =>
  shell !== '' && !/(nologin|false|sync|halt|shutdown)$/.test(shell);
const powerful = /^(root|sudo|wheel|admin|adm|docker|lxd|disk|shadow|kmem|video)$/;

export const accessRules: readonly Rule[] = [
  {
    id: 'second-root',
    title: 'A second account with the rights of root',
    technique: 'T1136.001',
    artifact: 'accounts',
    judge: ({ key, detail }) =>
      detail.uid !== undefined && /^0+$/.test(detail.uid) && key !== 'root'
        ? { score: 96, why: `${key} has uid 0, as root has` }
        : undefined,
  },
  {
    id: 'open-account',
    title: 'An account without a password',
    technique: 'T1078.003',
    artifact: 'accounts',
    judge: ({ key, detail }) => {
      if (detail.uid === undefined || detail.password === undefined) return undefined;
      if (detail.password === 'empty' && interactive(detail.shell ?? ''))
        return { score: 82, why: `${key} has an empty password and the shell ${detail.shell}` };
      return detail.password === 'in passwd'
        ? { score: 70, why: `the password of ${key} stands in /etc/passwd, where every user can read it` }
        : undefined;
    },
  },
  {
    id: 'service-account-login',
    title: 'An account of a service that can log in',
    technique: 'T1078.003',
    artifact: 'accounts',
    judge: ({ key, detail }) => {
      const uid = Number(detail.uid);
      const isService = uid > 0 && uid < 1000;
      if (!isService || !detail.password?.startsWith('set') || !interactive(detail.shell ?? ''))
        return undefined;
      return { score: 68, why: `${key} (uid ${uid}) has a password and the shell ${detail.shell}` };
    },
  },
  {
    id: 'shared-uid',
    title: 'Two accounts with one uid',
    technique: 'T1136.001',
    artifact: 'accounts',
    judge: ({ key, detail }, host) => {
      if (detail.uid === undefined || /^0+$/.test(detail.uid)) return undefined;
      const twin = host.of('accounts').find((other) => other.detail.uid === detail.uid && other.key !== key);
      return twin ? { score: 60, why: `${key} and ${twin.key} both have uid ${detail.uid}` } : undefined;
    },
  },
  {
    id: 'powerful-group',
    title: 'A service’s account in a group that leads to root',
    technique: 'T1098.007',
    artifact: 'accounts',
    judge: (fact, host) => judgeGroup(fact, host),
  },
  {
    id: 'sudo-rule',
    title: 'A rule that gives the rights of root',
    technique: 'T1548.003',
    artifact: 'sudo',
    judge: judgeSudo,
  },
  {
    id: 'authorized-key',
    title: 'A key that opens an account',
    technique: 'T1098.004',
    artifact: 'ssh-access',
    judge: judgeKey,
  },
  {
    id: 'ssh-settings',
    title: 'A setting of sshd that opens a way in',
    technique: 'T1556',
    artifact: 'ssh-access',
    judge: judgeSshd,
  },
  {
    id: 'ssh-rc',
    title: 'A script that runs at every SSH login',
    technique: 'T1546.004',
    artifact: 'ssh-access',
    judge: (fact) => {
      if (/\/(sshrc|\.ssh\/rc)$/.test(fact.path))
        return withTraits(fact, 60, `${fact.path} runs at every login`);
      if (/\.ssh\/environment$/.test(fact.path) && hasTraits(fact))
        return withTraits(fact, 45, `${fact.path} sets the environment of every login`);
      return /\.(rhosts|shosts)$|hosts\.equiv$/.test(fact.path) && /^\s*\+/m.test(fact.detail.text ?? '')
        ? { score: 80, why: `${fact.path} trusts every host` }
        : undefined;
    },
  },
];

function judgeGroup({ key, detail }: Fact, host: HostView): Judgement | undefined {
  const group = /^group (.+)$/.exec(key)?.[1];
  if (group === undefined || !powerful.test(group) || !detail.members) return undefined;
  const services = detail.members.split(',').filter((member) => {
    const account = host.of('accounts').find((one) => one.key === member);
    const uid = Number(account?.detail.uid);
    return uid > 0 && uid < 1000 && !(group === 'adm' || group === 'video');
  });
  if (services.length === 0) return undefined;
  return { score: 62, why: `${services.join(', ')} can become root through the group ${group}` };
}

function judgeSudo(fact: Fact, host: HostView): Judgement | undefined {
  const { path, detail } = fact;
  if (detail.idle === 'yes' || host.stateOf(path) === 'packaged') return undefined;
  const text = (detail.text ?? '').replace(/^\s*#(?!include).*$/gm, '');
  if (/polkit/.test(path)) {
    if (!host.isForeign(path) || !/polkit\.Result\.YES|ResultAny\s*=\s*yes/.test(text)) return undefined;
    return { score: 65, why: `${path} belongs to no package and says yes without asking` };
  }
  if (/doas/.test(path))
    return /permit\s+nopass/.test(text)
      ? { score: 60, why: `${path} permits without a password` }
      : undefined;
  const free = /^.*NOPASSWD:.*$/m.exec(text)?.[0].trim();
  if (free !== undefined) {
    const all = /NOPASSWD:\s*ALL/.test(free);
    return { score: all ? 72 : 52, why: `${path} asks for no password: "${free}"` };
  }
  return path.includes('/sudoers.d/') && host.isForeign(path)
    ? { score: 52, why: `${path} belongs to no package and gives rights` }
    : undefined;
}

function judgeKey(fact: Fact, host: HostView): Judgement | undefined {
  const { path, detail } = fact;
  if (detail.kind !== 'key') return undefined;
  const account = accountAt(path, host);
  const uid = Number(account?.detail.uid ?? (path.startsWith('/root/') ? 0 : Number.NaN));
  const name = account?.key ?? (uid === 0 ? 'root' : path);
  const extra =
    (/authorized_keys2/.test(path) ? 15 : 0) + (/command=|environment=/.test(detail.options ?? '') ? 10 : 0);
  const label = detail.comment ? `the key "${detail.comment}"` : 'a key';
  if (uid === 0) return { score: 55 + extra, why: `${label} opens root (${path})` };
  const isService = (uid > 0 && uid < 1000) || (account && !interactive(account.detail.shell ?? ''));
  if (isService)
    return { score: 76 + extra, why: `${label} opens ${name}, an account of a service (${path})` };
  return { score: 40 + extra, why: `${label} opens ${name} (${path})` };
}

/** The account whose home has the file, the longest home first. */
function accountAt(path: string, host: HostView): Fact | undefined {
  return host
    .of('accounts')
    .filter(
      ({ detail }) =>
        detail.home !== undefined && detail.home.length > 1 && path.startsWith(`${detail.home}/`),
    )
    .sort((one, other) => (other.detail.home?.length ?? 0) - (one.detail.home?.length ?? 0))[0];
}

const sshdSettings: readonly [pattern: RegExp, score: number, says: string][] = [
  [/^\s*PermitEmptyPasswords\s+yes/im, 70, 'lets in without a password'],
  [/^\s*AuthorizedKeysCommand\s+(?!none)\S+/im, 55, 'asks a program which keys are good'],
  [
    /^\s*AuthorizedKeysFile\s+(?!(\s*\.ssh\/authorized_keys2?|\s*%h\/\.ssh\/authorized_keys2?|\s*\/etc\/ssh\/authorized_keys[^\s]*)+\s*$).+/im,
    66,
    'takes keys from an unusual file',
  ],
  [/^\s*PermitUserEnvironment\s+yes/im, 55, 'takes the environment from the user'],
  [/^\s*TrustedUserCAKeys\s+(?!none)\S+/im, 45, 'trusts an authority for users'],
  [/^\s*PermitRootLogin\s+yes/im, 30, 'lets root in with a password'],
];

function judgeSshd(fact: Fact, host: HostView): Judgement | undefined {
  if (!/^\/etc\/ssh\/sshd_config(\.d\/|$)/.test(fact.path) || host.stateOf(fact.path) === 'packaged')
    return undefined;
  const hits = sshdSettings.filter(([pattern]) => pattern.test(fact.detail.text ?? ''));
  if (hits.length === 0) return undefined;
  const score = Math.max(...hits.map(([, one]) => one));
  return { score, why: `${fact.path} ${hits.map(([, , says]) => says).join(', ')}` };
}
