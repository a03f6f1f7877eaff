-- The audit daemon's log: `type=... msg=audit(epoch:serial): name=value ...`. The records of one event share the serial.
-- The daemon writes untrusted texts in quotation marks, and in hexadecimal when they hold blanks or marks; what an
-- enriching daemon adds stands behind a byte 0x1D, in capital letters. Records of user space have their fields in msg='...'.
WITH
    lines AS
    (
        SELECT
            number,
            line,
            toValidUTF8(line) AS text,
            extractGroups(text, '^(?:node=(\\S+) )?type=(\\S+) msg=audit\\((\\d{1,10})\\.(\\d{1,3}):(\\d{1,19})\\):\\s?(.*)$') AS h
        FROM {records}
    ),
    pairs AS
    (
        SELECT
            *,
            h[2] AS type,
            extractAllGroupsHorizontal(replaceOne(h[6], 'msg=\'', ''),
                '([A-Za-z][A-Za-z0-9_.-]*)=("[^"]*"|\\{[^}]*\\}|[^\\s"\'\\x{1D}]*)') AS found,
            -- The only value with blanks in it that has no quotation marks.
            extract(h[6], 'msg=\'op=(.*?) (?:acct|id|grp|exe|grantors|hostname)=') AS op
        FROM lines
    ),
    decoded AS
    (
        SELECT
            *,
            arrayMap((name, value) -> multiIf(
                startsWith(value, '"'), substring(value, 2, length(value) - 2),
                value IN ('(null)', '(none)', '?'), '',
                name = 'op' AND op != '', op,
                (name IN ('comm', 'exe', 'name', 'cwd', 'proctitle', 'acct', 'path', 'key', 'cmd', 'data', 'grp', 'unit')
                    OR type = 'EXECVE' AND match(name, '^a\\d')) AND match(value, '^(?:[0-9A-F]{2})+$'),
                    replaceAll(toValidUTF8(unhex(value)), '\0', ' '),
                value), found[1], found[2]) AS values
        FROM pairs
    ),
    mapped AS
    (
        SELECT
            *,
            -- A name that stands twice keeps its first value.
            CAST(arrayFilter((pair, nth) -> pair.2 != '' AND indexOf(found[1], pair.1) = nth,
                arrayZip(found[1], values), arrayEnumerate(values)), 'Map(String, String)') AS f,
            arrayMap(pair -> pair.2, arraySort(pair -> pair.1, arrayFilter(pair -> pair.1 != 65535,
                arrayMap((name, value) -> (if(match(name, '^a\\d{1,4}$'), toUInt16OrZero(substring(name, 2)), 65535), value), found[1], values))))
                AS arguments
        FROM decoded
    ),
    facts AS
    (
        SELECT
            *,
            -- The names that an enriching daemon adds, of the calls that rules ask for.
            multiIf(
                type != 'SYSCALL' OR f['SYSCALL'] != '', f['SYSCALL'],
                f['arch'] = 'c000003e', transform(f['syscall'],
                    ['59', '322', '42', '43', '49', '2', '257', '85', '87', '263', '82', '264', '316', '90', '91', '268', '92', '188', '101',
                     '105', '117', '133', '259', '135', '99', '103', '165', '175', '313', '176', '319', '321'],
                    ['execve', 'execveat', 'connect', 'accept', 'bind', 'open', 'openat', 'creat', 'unlink', 'unlinkat', 'rename',
                     'renameat', 'renameat2', 'chmod', 'fchmod', 'fchmodat', 'chown', 'setxattr', 'ptrace', 'setuid', 'setresuid', 'mknod',
                     'mknodat', 'personality', 'sysinfo', 'syslog', 'mount', 'init_module', 'finit_module', 'delete_module',
                     'memfd_create', 'bpf'], ''),
                f['arch'] = '40000003', transform(f['syscall'], ['11', '358', '362'], ['execve', 'execveat', 'connect'], ''),
                f['arch'] = 'c00000b7', transform(f['syscall'], ['221', '281', '203', '279'],
                    ['execve', 'execveat', 'connect', 'memfd_create'], ''),
                '') AS call,
            -- 4294967295 is nobody: a service that no login began.
            if(f['auid'] IN ('', '4294967295', '-1', 'unset'), f['uid'], f['auid']) AS who,
            if(f['auid'] IN ('', '4294967295', '-1', 'unset'), f['UID'], f['AUID']) AS who_name,
            if(f['hostname'] != '' AND f['addr'] = '', f['hostname'], f['addr']) AS peer,
            multiIf(f['success'] != '', f['success'], f['res']) AS result,
            f['saddr'] AS saddr,
            type IN ('USER_AUTH', 'USER_LOGIN', 'USER_START', 'USER_END', 'USER_LOGOUT', 'USER_ACCT', 'USER_ERR', 'CRED_ACQ', 'CRED_DISP',
                'CRED_REFR', 'LOGIN') AS is_login,
            type IN ('ADD_USER', 'DEL_USER', 'USER_MGMT', 'USER_CHAUTHTOK', 'ACCT_LOCK', 'ACCT_UNLOCK') AS is_account,
            type IN ('ADD_GROUP', 'DEL_GROUP', 'GRP_MGMT', 'GRP_CHAUTHTOK') OR type = 'USER_MGMT' AND f['grp'] != '' AS is_group
        FROM mapped
    ),
    named AS
    (
        SELECT
            *,
            multiIf(
                type IN ('ADD_GROUP', 'DEL_GROUP'), '',
                is_login OR is_account OR is_group, if(f['acct'] = '' AND type = 'LOGIN', f['AUID'], f['acct']),
                '') AS user_read,
            multiIf(type = 'LOGIN', f['auid'], is_login OR is_account, f['id'], '') AS uid_read,
            -- Groups are named by grp, or by acct in records about the group itself.
            if(is_group, if(f['grp'] != '', f['grp'], if(type IN ('ADD_GROUP', 'DEL_GROUP'), f['acct'], '')), '') AS group_read,
            multiIf(
                startsWith(saddr, '0200') AND length(saddr) >= 16, IPv4NumToString(reinterpretAsUInt32(reverse(unhex(substring(saddr, 9, 8))))),
                startsWith(saddr, '0A00') AND length(saddr) >= 48, IPv6NumToString(toFixedString(unhex(substring(saddr, 17, 32)), 16)),
                '') AS address,
            multiIf(
                startsWith(saddr, '0200') OR startsWith(saddr, '0A00'), reinterpretAsUInt16(reverse(unhex(substring(saddr, 5, 4)))),
                0) AS port
        FROM facts
    )
SELECT
    number,
    line,
    multiIf(text = '', 'an empty line', type = '', 'not a record of the audit daemon', '') AS reject,
    fromUnixTimestamp64Milli(toInt64OrZero(h[3]) * 1000 + toInt64OrZero(rightPad(h[4], 3, '0')), 'UTC') AS time,
    if(type = '', '', concat(h[3], '.', h[4])) AS time_text,
    if(h[1] != '', h[1], {host:String}) AS host,
    multiIf(
        call IN ('execve', 'execveat') AND process_pid != 0, 1007,
        type = 'USER_CMD' AND process_pid != 0, 1007,
        is_group AND group_read != '', 3006,
        is_account AND (user_read != '' OR uid_read != ''), 3001,
        is_login AND (user_read != '' OR uid_read != ''), 3002,
        type = 'PATH' AND f['nametype'] IN ('CREATE', 'DELETE') AND f['name'] != '', 1001,
        type = 'SOCKADDR' AND address != '', 4001,
        0) AS class_uid,
    toUInt8(multiIf(
        class_uid = 1007, 1,
        class_uid = 1001, if(f['nametype'] = 'CREATE', 1, 4),
        class_uid = 3006, transform(type, ['ADD_GROUP', 'DEL_GROUP'], [6, 5],
            multiIf(match(f['op'], '^add'), 3, match(f['op'], '^(?:delete|remov)'), 4, 99)),
        class_uid = 3001, transform(type, ['ADD_USER', 'DEL_USER', 'USER_CHAUTHTOK', 'ACCT_LOCK', 'ACCT_UNLOCK'], [1, 6, 3, 9, 12], 99),
        class_uid = 3002, transform(type, ['USER_AUTH', 'USER_LOGIN', 'USER_START', 'LOGIN', 'USER_END', 'USER_LOGOUT'], [1, 1, 1, 1, 2, 2], 99),
        class_uid = 4001, 99,
        0)) AS activity_id,
    multiIf(startsWith(type, 'ANOM_'), 3, type IN ('AVC', 'SELINUX_ERR', 'DAEMON_ABORT'), 2, 1) AS severity_id,
    transform(result, ['yes', 'success', '1', 'no', 'failed', '0'], [1, 1, 1, 2, 2, 2], 0) AS status_id,
    if(type = 'SYSCALL', f['exit'], '') AS status_code,
    h[6] AS message,
    type AS event_code,
    toUInt64OrZero(h[5]) AS sequence,
    if(type = '', '', concat(h[3], '.', h[4], ':', h[5])) AS correlation_uid,
    if(is_login AND who != f['auid'], '', who_name) AS actor_user_name,
    -- Before a login has succeeded, its record has the user of the daemon alone.
    if(is_login AND who != f['auid'], '', who) AS actor_user_uid,
    if(f['ses'] IN ('', '4294967295', '-1', 'unset'), '', f['ses']) AS actor_session_uid,
    if(isIPv4String(peer) OR isIPv6String(peer), peer, '') AS src_ip,
    if(src_ip = '', peer, '') AS src_hostname,
    address AS dst_ip,
    port AS dst_port,
    if(class_uid = 3002, host, '') AS dst_hostname,
    user_read AS user_name,
    uid_read AS user_uid,
    group_read AS group_name,
    if(type = 'ADD_GROUP', f['id'], '') AS group_uid,
    if(f['unit'] != '', 'unit', '') AS resource_type,
    f['unit'] AS resource_name,
    multiIf(
        status_id = 2, '',
        type = 'ADD_USER', if(f['id'] != '', f['id'], user_read),
        type = 'ADD_GROUP', group_read,
        '') AS made_uid,
    f['comm'] AS process_name,
    f['exe'] AS process_path,
    multiIf(
        type = 'EXECVE', arrayStringConcat(arguments, ' '),
        type = 'PROCTITLE', f['proctitle'],
        type = 'USER_CMD', f['cmd'],
        '') AS process_cmd_line,
    toUInt32OrZero(f['pid']) AS process_pid,
    toUInt32OrZero(f['ppid']) AS parent_pid,
    if(type = 'PATH', f['name'], '') AS file_path,
    mapFilter((name, value) -> value != '', mapUpdate(f, map('type', type, 'SYSCALL', call))) AS fields
FROM named
