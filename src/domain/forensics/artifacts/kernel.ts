/** Modules in the kernel and on the disk, its taint, and the settings that run programs from inside it. */
import { fieldsOf, filesOf } from '../collector/records.ts';
import { artifact, fact, fileFact, type ParseInput } from './artifact.ts';

export const kernel = artifact({
  id: 'kernel',
  title: 'Kernel modules and settings',
  what: 'Loaded modules, taint, modprobe and modules-load configuration, module files outside of packages, core_pattern and other helpers, sysctl.d.',
  techniques: ['T1547.006', 'T1014'],
  script: String.raw`
awk -v N="$N" '{ printf "%s\tmodule\t%s\t%s\t%s\n", N, $1, $2, $7 }' /proc/modules
for m in /sys/module/*; do [ -e "$m/initstate" ] && r sysmodule "$(printf '%s' "$m" | sed 's,.*/,,')"; done
for s in kernel/tainted kernel/core_pattern kernel/modprobe kernel/hotplug kernel/poweroff_cmd kernel/modules_disabled kernel/kexec_load_disabled kernel/randomize_va_space kernel/yama/ptrace_scope net/ipv4/ip_forward kernel/ftrace_enabled kernel/unprivileged_bpf_disabled; do [ -r /proc/sys/$s ] && r setting "$s" "$(head -c 300 /proc/sys/$s)"; done
[ -r /sys/kernel/uevent_helper ] && r setting uevent_helper "$(head -c 300 /sys/kernel/uevent_helper)"
for b in /proc/sys/fs/binfmt_misc/*; do case $b in */register|*/status|*'*') continue ;; esac; r binfmt "$b" "$(sed -n 's/^interpreter //p' "$b")"; done
r setting cmdline "$(head -c 2000 /proc/cmdline)"
all ff /etc/modules /etc/modules-load.d /etc/modprobe.d /usr/local/lib/modprobe.d /run/modprobe.d /run/modules-load.d /usr/lib/modules-load.d /usr/lib/modprobe.d /etc/sysctl.conf /etc/sysctl.d /etc/binfmt.d /etc/dracut.conf.d /etc/initramfs-tools \( -type f -o -type l \)
sums ff /usr/lib/modules /lib/modules -type f \( -path '*/updates/*' -o -path '*/extra/*' -o -path '*/misc/*' -o -path '*/weak-updates/*' \) -name '*.ko*'
`,
  parse: (input) => [...moduleFacts(input), ...settingFacts(input), ...filesOf(input.rows).map(moduleFile)],
});

const moduleFile = (file: Parameters<typeof fileFact>[1]) =>
  fileFact('kernel', file, { technique: 'T1547.006' });

function moduleFacts({ rows }: ParseInput) {
  const loaded = new Set(rows.filter(({ tag }) => tag === 'module').map(({ text }) => fieldsOf(text, 2)[0]));
  const shown = rows
    .filter(({ tag }) => tag === 'module')
    .map(({ text }) => {
      const [name = '', bytes = '', flags = ''] = fieldsOf(text, 2);
      const taint = /\(([A-Z+-]+)\)/.exec(flags)?.[1] ?? '';
      const detail = { kind: 'module', bytes, taint };
      return fact({
        artifact: 'kernel',
        key: `module ${name}`,
        value: `loaded ${taint}`.trim(),
        technique: 'T1547.006',
        detail,
      });
    });
  const hidden = rows
    .filter(({ tag, text }) => tag === 'sysmodule' && !loaded.has(text.trim()))
    .map(({ text }) =>
      fact({
        artifact: 'kernel',
        key: `module ${text.trim()}`,
        value: 'in /sys/module and not in /proc/modules',
        technique: 'T1014',
        detail: { kind: 'hidden-module' },
      }),
    );
  return [...shown, ...hidden];
}

function settingFacts({ rows }: ParseInput) {
  return rows.flatMap(({ tag, text }) => {
    if (tag !== 'setting' && tag !== 'binfmt') return [];
    const [name = '', value = ''] = fieldsOf(text, 1);
    const key = `${tag} ${name}`;
    return [
      fact({ artifact: 'kernel', key, value: value.trim(), technique: 'T1547.006', detail: { kind: tag } }),
    ];
  });
}
