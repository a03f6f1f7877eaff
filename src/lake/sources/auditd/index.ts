/** The audit daemon's log of Linux, raw or enriched. */
import type { Source } from '../contract.ts';

const record = /^(?:node=\S+ )?type=[A-Z0-9_[\]]+ msg=audit\(\d{1,10}\.\d{1,3}:\d+\):/;

// The record has the name that the program was called by, which may be no path.
const called = "splitByChar(' ', process_cmd_line)[1]";

const views: Source['sigma'] = [
  {
    product: 'linux',
    service: 'auditd',
    fields: {
      kind: 'columns',
      expressions: {
        type: 'event_code',
        // Sigma means the name of the call, which an enriching daemon writes in capital letters.
        syscall: "if(fields['SYSCALL'] = '', fields['syscall'], fields['SYSCALL'])",
        '*': 'fields[{field}]',
      },
    },
  },
  {
    product: 'linux',
    category: 'process_creation',
    where: "event_code IN ('EXECVE', 'USER_CMD')",
    fields: {
      kind: 'columns',
      expressions: {
        commandline: 'process_cmd_line',
        image: `if(position(${called}, '/') = 0, concat('/', ${called}), ${called})`,
        currentdirectory: "fields['cwd']",
        user: 'actor_user_name',
      },
    },
  },
  {
    product: 'linux',
    category: 'file_event',
    where: 'class_uid = 1001',
    fields: { kind: 'columns', expressions: { targetfilename: 'file_path' } },
  },
  {
    product: 'linux',
    category: 'network_connection',
    where: 'class_uid = 4001',
    fields: {
      kind: 'columns',
      expressions: { destinationip: 'dst_ip', destinationport: 'toString(dst_port)' },
    },
  },
];

export const auditd = {
  id: 'auditd',
  title: 'Linux audit daemon',
  docs: 'https://github.com/linux-audit/audit-documentation/wiki',
  framing: 'lines',
  recognise: (line) => record.test(line),
  sigma: views,
  sequenced: true,
  quietSecondsMax: 7_200,
} satisfies Source;
