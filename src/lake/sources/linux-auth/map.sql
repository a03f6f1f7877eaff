-- Syslog files of Linux: auth.log, secure, syslog, messages, cron. From inside out: the header (three shapes), the
-- time and the program, the kind of message, the columns. Every line with a header is an event. Names that come
-- from outside (a user that someone typed at a login) may hold anything, also " from 192.0.2.1 port 22"; such
-- patterns are greedy, so that the words of the program itself, which stand last, are the ones that count.
-- Patterns see the line as valid UTF-8, because RE2 matches no other bytes.
SELECT
    number,
    line,
    multiIf(
        text = '', 'an empty line',
        shape = '', 'no syslog time at the beginning',
        NOT time_known, 'the time at the beginning is no date that exists',
        '') AS reject,
    time_read AS time,
    stamp AS time_text,
    if(logged_by = '', {host:String}, logged_by) AS host,
    -- The class asks for the one that it is about; without him the line is an event of no class.
    multiIf(
        rule.1 IN (3001, 3002, 3003) AND user_name = '' AND user_uid = '', 0,
        rule.1 = 3006 AND group_name = '', 0,
        rule.1 = 1007 AND pid_number = 0, 0,
        rule.1) AS class_uid,
    multiIf(
        class_uid = 0, 0,
        class_uid = 3002 AND rule.2 = 1 AND switches, 7,
        rule.2) AS activity_id,
    multiIf(pri = '', 1, pri_severity = 0, 6, pri_severity <= 2, 5, pri_severity = 3, 4, pri_severity = 4, 3, 1) AS severity_id,
    rule.3 AS status_id,
    reason AS status_detail,
    whole AS message,
    kind AS event_code,
    if(is_sshd AND pid != '', concat(program, '[', pid, ']'), '') AS correlation_uid,
    multiIf(
        kind IN ('sshd.accepted', 'sshd.session_started', 'sshd.session_ended'), user_read,
        kind = 'sshd.disconnected' AND ended[2] = '', user_read,
        kind IN ('pam.session_opened', 'pam.session_closed', 'pam.success') AND NOT switches, user_read,
        kind IN ('cron.command', 'crontab', 'logind.new_session', 'login.login'), user_read,
        actor_read) AS actor_user_name,
    pam_opened[4] AS actor_user_uid,
    fingerprint AS actor_credential_uid,
    session_read AS actor_session_uid,
    multiIf(
        startsWith(peer, '::ffff:') AND isIPv4String(substring(peer, 8)), substring(peer, 8),
        isIPv4String(peer) OR isIPv6String(cutZone(peer)), peer,
        '') AS src_ip,
    toUInt16OrZero(peer_port) AS src_port,
    if(src_ip = '' AND peer NOT IN ('UNKNOWN', '?'), peer, peer_name) AS src_hostname,
    listening[1] AS dst_ip,
    toUInt16OrZero(listening[2]) AS dst_port,
    if(class_uid IN (3002, 4007), logged_by, '') AS dst_hostname,
    if(rule.1 IN (3001, 3002, 3003) OR rule.1 = 4007 AND actor_user_name = '', user_read, '') AS user_name,
    multiIf(
        kind = 'useradd.new_user', new_user[2],
        startsWith(kind, 'pam.'), pam_opened[2],
        '') AS user_uid,
    multiIf(
        kind IN ('group.add_user', 'group.remove_user'), membership[3],
        kind = 'gpasswd.add_user' OR kind = 'gpasswd.remove_user', gpasswd[4],
        kind = 'group.new_group', new_group[1],
        kind = 'group.delete_group', gone_group,
        '') AS group_name,
    if(kind = 'group.new_group', new_group[2], '') AS group_uid,
    multiIf(kind = 'crontab', 'crontab', kind LIKE 'systemd.%', 'unit', '') AS resource_type,
    multiIf(kind = 'crontab', crontab[3], kind LIKE 'systemd.%', unit[2], '') AS resource_name,
    multiIf(
        kind = 'useradd.new_user', if(new_user[2] = '', new_user[1], new_user[2]),
        kind = 'group.new_group', new_group[1],
        '') AS made_uid,
    multiIf(class_uid = 1007, '', rule.1 = 0, '', '') AS query_text,
    multiIf(kind IN ('sudo.command', 'sudo.refused'), sudo[5], kind = 'cron.command', cron[2], '') AS process_cmd_line,
    if(class_uid = 1007, pid_number, 0) AS process_pid,
    multiIf(kind IN ('sshd.accepted', 'sshd.failed', 'sshd.postponed', 'sshd.partial'), answered[2], '') AS auth_protocol,
    mapFilter((name, value) -> value != '', map(
        'program', program,
        'pid', pid,
        'pri', pri,
        'msgid', msgid,
        'structured_data', structured,
        'repeated', repeated[1],
        'uid', new_user[2],
        'gid', new_user[3],
        'home', new_user[4],
        'shell', new_user[5],
        'tty', multiIf(sudo_known, sudo[3], startsWith(kind, 'su.'), switched_tty, pam_failure[2]),
        'pwd', sudo[4],
        'ruser', pam_failure[3],
        'service', pam_service,
        'key_type', key[1],
        'certificate', key[3])) AS fields
FROM (
    SELECT
        *,
        transform(kind, kinds.1, kinds.2, (toUInt32(0), toUInt8(0), toUInt8(0))) AS rule
    FROM (SELECT 1)
)
