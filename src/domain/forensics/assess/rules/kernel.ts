/** Modules of the kernel and settings with which it runs programs. */
import type { Fact } from '../../types.ts';
import type { HostView } from '../host-view.ts';
import { isTemporary, type Judgement, type Rule, withTraits } from '../rule.ts';

export const kernelRules: readonly Rule[] = [
  {
    id: 'kernel-module',
    title: 'A kernel module of no package',
    technique: 'T1547.006',
    artifact: 'kernel',
    judge: judgeModule,
  },
  {
    id: 'module-file',
    title: 'A module file among the kernel’s own, of no package',
    technique: 'T1547.006',
    artifact: 'unpackaged',
    judge: ({ path }) =>
      /\.ko(\.\w+)?$/.test(path) ? { score: 74, why: `${path} belongs to no package` } : undefined,
  },
  {
    id: 'module-settings',
    title: 'Settings that load a module or run a program in its place',
    technique: 'T1547.006',
    artifact: 'kernel',
    judge: judgeSettings,
  },
  {
    id: 'kernel-helper',
    title: 'The kernel runs a program that it should not',
    technique: 'T1547.006',
    artifact: 'kernel',
    judge: judgeHelper,
  },
];

function judgeModule({ key, detail, value }: Fact): Judgement | undefined {
  const name = key.replace(/^module /, '');
  if (detail.kind === 'hidden-module')
    return { score: 94, why: `the module ${name} is ${value}: it hides itself`, technique: 'T1014' };
  if (detail.kind !== 'module' || !detail.taint) return undefined;
  const usual = /^(nvidia|nvidia_\w+|vbox\w+|vmmon|vmnet|zfs|spl|wl|falcon_\w+|ena|efa|lustre)$/.test(name);
  if (/F/.test(detail.taint)) return { score: 80, why: `the module ${name} was forced into the kernel` };
  const unsigned = /O|E/.test(detail.taint);
  return unsigned
    ? { score: usual ? 25 : 54, why: `the module ${name} is not of this kernel (${detail.taint})` }
    : undefined;
}

function judgeSettings(fact: Fact, host: HostView): Judgement | undefined {
  const { path, detail } = fact;
  const text = detail.text ?? '';
  if (detail.idle === 'yes' || detail.target === '/dev/null') return undefined;
  if (/\.ko(\.\w+)?$/.test(path)) {
    return host.stateOf(path) === 'packaged'
      ? undefined
      : { score: 70, why: `${path} stands where modules of others go` };
  }
  const place = /modules-load\.d|^\/etc\/modules$|modprobe\.d/.test(path);
  if (!place || host.stateOf(path) === 'packaged' || host.stateOf(path) === 'unknown') return undefined;
  const install =
    /^\s*(install|remove)\s+\S+\s+(?!\/bin\/(true|false)|\/usr\/bin\/(true|false)|:)(.+)$/m.exec(text);
  if (install)
    return { ...withTraits(fact, 72, `${path} runs a program in place of a module: "${install[0].trim()}"`) };
  const loads = /modules-load\.d|^\/etc\/modules$/.test(path);
  if (loads)
    return {
      score: 54,
      why: `${path} loads ${text
        .replace(/^\s*#.*$/gm, '')
        .trim()
        .replaceAll('\n', ', ')} at the start`,
    };
  return /^\s*(options|alias)\s/m.test(text)
    ? {
        score: 51,
        why: `${path} belongs to no package and sets parameters of modules: "${text.trim().slice(0, 200)}"`,
      }
    : { score: 25, why: `${path} belongs to no package` };
}

function judgeHelper({ key, value, detail }: Fact, host: HostView): Judgement | undefined {
  if (detail.kind === 'binfmt') {
    const foreign = isTemporary(value) || host.isForeign(value);
    return foreign
      ? { score: 66, why: `${key.replace(/^binfmt /, '')} runs files of a kind with ${value}` }
      : undefined;
  }
  if (detail.kind !== 'setting') return undefined;
  if (key === 'setting kernel/core_pattern' && value.startsWith('|')) {
    const program = value.slice(1).trim().split(/\s/)[0] ?? '';
    const usual =
      /\/(systemd-coredump|apport|abrt-hook-ccpp|kdump[\w-]*)$/.test(program) && !isTemporary(program);
    return usual ? undefined : { score: 82, why: `every crash runs ${program} as root`, technique: 'T1546' };
  }
  if (
    key === 'setting kernel/modprobe' &&
    value !== '' &&
    !/^(\/usr)?\/s?bin\/(modprobe|true|false)$/.test(value)
  )
    return { score: 86, why: `the kernel loads modules with ${value}` };
  if (/uevent_helper|hotplug/.test(key) && value !== '' && !/^\/sbin\/(hotplug|mdev)$/.test(value))
    return { score: 84, why: `the kernel runs ${value} for every device` };
  return undefined;
}
