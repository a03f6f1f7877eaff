/** Files that give rights, replace programs, hide, or let others run code: SUID, packages, kernel, web, Java, containers. */
import { weigh } from '../../artifacts/traits.ts';
import { webTraits } from '../../artifacts/web-traits.ts';
import type { Fact } from '../../types.ts';
import type { HostView } from '../host-view.ts';
import { hasTraits, isHidden, isTemporary, type Judgement, type Rule, withTraits } from '../rule.ts';

/** Programs that give a shell to who may run them as another user. */
const escapes =
  /\/(ba|da|z|k|c|fi)?sh$|\/(busybox|find|vim?|vim\.\w+|nano|less|more|awk|gawk|mawk|python[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|node|env|cp|mv|dd|tar|nmap|gdb|strace|tee|sed|xargs|docker|systemctl|nice|ionice|timeout|taskset|setarch|unshare|nsenter|chroot|install|openssl|git|make|rsync|socat|base64|cat|tail|head)$/;
const strongCapabilities =
  /cap_(setuid|setgid|sys_admin|sys_ptrace|sys_module|dac_override|dac_read_search|chown|fowner|setfcap|sys_rawio|bpf|setpcap)/;

export const fileRules: readonly Rule[] = [
  {
    id: 'suid-program',
    title: 'A program that runs as another user, of no package',
    technique: 'T1548.001',
    artifact: 'privileged',
    judge: ({ path, detail, owner }, host) => {
      if (detail.kind !== 'suid') return undefined;
      const right = /^[4567]\d{3}$/.test(detail.mode ?? '')
        ? `runs as ${owner}`
        : 'runs with its group’s rights';
      if (escapes.test(path)) return { score: 94, why: `${path} ${right} and gives a shell to anyone` };
      const state = host.stateOf(path);
      if (state === 'changed')
        return { score: 95, why: `${path} ${right} and is not what its package brought` };
      return state === 'unpackaged'
        ? { score: 86, why: `${path} ${right} and belongs to no package` }
        : undefined;
    },
  },
  {
    id: 'capability',
    title: 'A program with rights of the kernel',
    technique: 'T1548',
    artifact: 'privileged',
    judge: ({ path, detail, value }, host) => {
      if (detail.kind !== 'capability') return undefined;
      if (strongCapabilities.test(value) || /^=?e?i?p/.test(value))
        return { score: escapes.test(path) || host.isForeign(path) ? 92 : 52, why: `${path} has ${value}` };
      return host.isForeign(path)
        ? { score: 55, why: `${path} has ${value} and belongs to no package` }
        : undefined;
    },
  },
  {
    id: 'replaced-file',
    title: 'A program that is not what its package brought',
    technique: 'T1554',
    artifact: 'package-verify',
    judge: ({ path, detail }) => {
      if (detail.change === 'changed')
        return { score: 90, why: `${path} differs from its package’s checksum` };
      return detail.change === 'missing'
        ? { score: 20, why: `${path} is missing, though its package is installed` }
        : { score: 10, why: `${path} was changed since its package was installed` };
    },
  },
  {
    id: 'program-of-no-package',
    title: 'A program among the system’s own, of no package',
    technique: 'T1036.005',
    artifact: 'unpackaged',
    judge: ({ path }) => {
      if (!/^\/(usr\/)?(s?bin|games|libexec)\//.test(path)) return undefined;
      const usual = /\/(policy-rc\.d|.*\.dpkg-\w+|.*\.pyc)$/.test(path);
      return {
        score: usual ? 20 : 52,
        why: `${path} stands among the system’s programs and belongs to no package`,
      };
    },
  },
  {
    id: 'library-of-no-package',
    title: 'A library among the system’s own, of no package',
    technique: 'T1574.006',
    artifact: 'unpackaged',
    judge: ({ path }) =>
      /^\/(usr\/)?lib(32|64)?\/.*\.so(\.[\d.]+)?$/.test(path) &&
      !/\/security\/|\/python|\/locale\//.test(path)
        ? { score: 54, why: `${path} stands among the system’s libraries and belongs to no package` }
        : undefined,
  },
  {
    id: 'odd-file',
    title: 'A program where none belongs',
    technique: 'T1564.001',
    artifact: 'odd-files',
    judge: judgeOdd,
  },
  {
    id: 'web-shell',
    title: 'A script in a web root that looks like a web shell',
    technique: 'T1505.003',
    artifact: 'web-roots',
    judge: judgeWeb,
  },
  {
    id: 'java-code',
    title: 'Code that a Java server takes in',
    technique: 'T1059',
    artifact: 'java',
    judge: judgeJava,
  },
  {
    id: 'container',
    title: 'A container that can leave its walls, or that no engine knows',
    technique: 'T1611',
    artifact: 'containers',
    judge: judgeContainer,
  },
  {
    id: 'set-back-in-time',
    title: 'A file whose time was set back',
    technique: 'T1070.006',
    artifact: 'recent-changes',
    judge: ({ path, detail }, host) =>
      detail.setBack === 'yes' &&
      host.stateOf(path) === 'unpackaged' &&
      /^\/(usr\/)?s?bin\/|^\/etc\/(cron|systemd|init)/.test(path)
        ? { score: 58, why: `${path} says that it is from ${detail.modified}, and came later than that` }
        : undefined,
  },
  {
    id: 'records-removed',
    title: 'Records that lead to nowhere',
    technique: 'T1070.002',
    artifact: 'logins',
    judge: ({ path, detail, technique }) =>
      detail.target === '/dev/null' ? { score: 72, why: `${path} leads to /dev/null`, technique } : undefined,
  },
  {
    id: 'trusted-authority',
    title: 'A certificate authority that was added by hand',
    technique: 'T1553.004',
    artifact: 'network',
    judge: ({ path, technique }) =>
      technique === 'T1553.004'
        ? { score: 50, why: `${path} makes every program trust this authority` }
        : undefined,
  },
];

function judgeOdd({ path, detail }: Fact): Judgement | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such names are what is looked for.
  if (/[\u0001-\u001f]|\/(\.\.[ .]|\. | )/.test(path))
    return { score: 66, why: `the name of ${JSON.stringify(path)} hides it from people` };
  if (detail.kind === 'device') return { score: 76, why: `${path} is a file in the folder of devices` };
  if (detail.kind === 'temporary') {
    const hidden = isHidden(path) ? 15 : 0;
    if (detail.program !== 'yes') return { score: 30 + hidden, why: `${path} may be run` };
    return {
      score: 58 + hidden,
      why: `${path} is a program in a folder that anyone may write to`,
      technique: 'T1105',
    };
  }
  return { score: 60, why: `${path} is hidden and may be run` };
}

function judgeWeb(fact: Fact): Judgement | undefined {
  const ids = (fact.detail.web ?? '').split(' ');
  const found = webTraits.filter(({ id }) => ids.includes(id));
  if (found.length === 0) return undefined;
  const place =
    /\/(uploads?|images?|img|css|fonts|media|files|tmp|cache)\//i.test(fact.path) || isHidden(fact.path)
      ? 15
      : 0;
  const score = 25 + Math.max(...found.map(({ weight }) => weight)) + 5 * (found.length - 1) + place;
  return { score, why: `${fact.path} ${found.map(({ words }) => words).join(', ')}` };
}

function judgeJava(fact: Fact): Judgement | undefined {
  const { path, detail, technique } = fact;
  const text = detail.text ?? '';
  if (/\.groovy$/.test(path)) {
    const runs =
      /\.execute\s*\(|ProcessBuilder|Runtime\.(getRuntime|runtime)|\bdefineClass\b|URLClassLoader|new\s+Socket\s*\(/.test(
        text,
      );
    const { words, weight } = weigh((detail.traits ?? '').split(' '));
    if (!runs && weight === 0) return { score: 25, why: `${path} is run by the server` };
    return {
      score: 66 + weight,
      why: `${path} is run by the server and starts programs${words ? `; its text ${words}` : ''}`,
    };
  }
  if (/\.(attach|java)_pid/.test(path))
    return { score: 35, why: `${path}: something attached to a Java machine` };
  const agent = /-(javaagent|agentpath):(\S+)/.exec(text);
  if (agent) {
    const file = (agent[2] ?? '').split('=')[0] ?? '';
    return {
      score: isTemporary(file) || isHidden(file) ? 86 : 58,
      why: `${path} starts Java with the agent ${agent[2]}`,
      technique: 'T1574',
    };
  }
  if (hasTraits(fact)) return { ...withTraits(fact, 35, `${path} is read when Java starts`), technique };
  return /\.(jar|war|hpi|jpi)$/.test(path)
    ? { score: 15, why: `${path} runs inside the server`, technique }
    : undefined;
}

function judgeContainer(
  { path, detail, key, technique, value }: Fact,
  host: HostView,
): Judgement | undefined {
  if (detail.kind === 'container') {
    const risks = detail.risks ?? '';
    const name = detail.name || detail.image || path;
    if (risks === '')
      return { score: 20, why: `container ${name} runs ${detail.command}`, technique: 'T1610' };
    const strong = /privileged|mount \/:|docker\.sock|host’s processes/.test(risks);
    return { score: strong ? 82 : 58, why: `container ${name} has ${risks}`, technique };
  }
  if (detail.kind === 'space') {
    const engine = host.of('containers').some((other) => other.detail.kind === 'container');
    const why = `${key.replace(/^space /, '')} runs in a pid space of its own (root ${value})`;
    return {
      score: engine ? 20 : 56,
      why: engine ? why : `${why}, and no engine of containers is here`,
      technique: 'T1610',
    };
  }
  return /kubernetes\/manifests|containers\/systemd/.test(path)
    ? {
        score: host.stateOf(path) === 'packaged' ? 30 : 52,
        why: `${path} starts a container with the machine`,
        technique: 'T1610',
      }
    : undefined;
}
