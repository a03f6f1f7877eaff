/** Linux: auth and secure logs, auditd. What a shell can make has no event code, so command lines are read too. */
import type { DescendantRules } from '../types.ts';

export const linux: DescendantRules = {
  sources: ['linux', 'linux-auth', 'linux-syslog', 'syslog', 'auditd', 'linux-audit', 'linux-auditd'],
  rules: [
    {
      kind: 'account',
      codes: ['useradd', 'adduser', 'newuser', 'newaccount', 'usercreated', 'useraddnewuser'],
      technique: 'T1136.001',
    },
    {
      kind: 'account',
      where: "match(process_cmd_line, '(^|/| )(useradd|adduser) ')",
      technique: 'T1136.001',
    },
    {
      kind: 'group-membership',
      codes: [
        'usermodaddtogroup',
        'useraddedtogroup',
        'addusertogroup',
        'groupadduser',
        'addtogroup',
        'usermodgroup',
        'gpasswdadd',
      ],
    },
    {
      kind: 'group-membership',
      where: "match(process_cmd_line, '(^|/| )(usermod .*-[a-zA-Z]*G|gpasswd -[aM]|adduser [^ -]+ [^ -]+)')",
    },
    { kind: 'group', codes: ['groupadd', 'addgroup', 'newgroup', 'groupcreated'] },
    {
      kind: 'password-reset',
      codes: ['passwd', 'passwordchanged', 'chpasswd', 'userchauthtok', 'passwordchange'],
    },
    { kind: 'password-reset', where: "match(process_cmd_line, '(^|/| )(passwd|chpasswd)( |$)')" },
    {
      kind: 'ssh-key',
      where:
        "match(file_path, 'authorized_keys2?$') OR match(process_cmd_line, 'authorized_keys|ssh-copy-id|(^|/| )ssh-keygen ')",
    },
    {
      kind: 'scheduled-job',
      where:
        "match(file_path, '^/(etc/cron|var/spool/cron|etc/systemd/system/.*[.]timer)') OR match(process_cmd_line, '(^|/| )(crontab( -e| -| /|$| [^-])|at now|systemd-run .*--on-)') OR event_code IN ('crontab_replace', 'REPLACE', 'crontab.replace')",
      technique: 'T1053.003',
    },
    {
      kind: 'service',
      where:
        "match(file_path, '^/(etc|lib|usr/lib|run)/systemd/.*[.]service$') OR match(process_cmd_line, '(^|/| )systemctl (--[a-z]+ )*(enable|link) ')",
    },
    {
      kind: 'permission-grant',
      where:
        "match(file_path, '^/etc/sudoers') OR match(process_cmd_line, '(^|/| )(visudo|chmod [ugoa]*[+]s|setcap )')",
      technique: 'T1548.003',
    },
  ],
};
