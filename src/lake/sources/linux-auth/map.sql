-- Syslog files of Linux: auth.log, secure, syslog, messages, cron. The steps: the header (three shapes), the time and
-- the program, the kind of message, its parts, the columns. Each step uses only names of the steps before it, because
-- the engine writes a name out wherever it is used. Every line with a header is an event; one that no rule knows is an
-- event of no class. Names that come from outside (a user that someone typed at a login) may hold anything, also
-- " from 192.0.2.1 port 22": such patterns are greedy, so that the words of the program itself, which stand last, are
-- the ones that count. Patterns see the line as valid UTF-8, because RE2 matches no other bytes.
WITH
    bytes_read AS
    (
        SELECT number, line, toValidUTF8(line) AS text, match(text, '^<\\d{1,3}>1 ') AS is_new
        FROM {records}
    ),
    headers AS
    (
        SELECT
            *,
            if(is_new,
                extractGroups(text, '(?s)^<(\\d{1,3})>1 (\\d{4}-\\d\\d-\\d\\dT(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:\\d\\d)) (\\S+) (\\S+) (\\S+) (\\S+) (-|(?:\\[(?:[^\\]"\\\\]|\\\\.|"(?:[^"\\\\]|\\\\.)*")*\\])+)(?: \\x{FEFF}?(.*))?$'),
                extractGroups(text, '(?s)^(?:<(\\d{1,3})>)?(?:((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \\d]?\\d (?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d)|(\\d{4}-\\d\\d-\\d\\dT(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:[.,]\\d{1,9})?(?:Z|[+-]\\d\\d:?\\d\\d)?)) (\\S+) (.*)$')) AS h
        FROM bytes_read
    ),
    stamps AS
    (
        SELECT
            * EXCEPT (h),
            h[1] AS pri,
            if(is_new OR h[2] != '', h[2], h[3]) AS stamp,
            NOT is_new AND h[2] != '' AS is_old,
            -- The host may be absent: then the program stands in its place.
            multiIf(is_new, if(h[3] = '-', '', h[3]), endsWith(h[4], ':'), '', h[4]) AS logged_by,
            multiIf(is_new, '', endsWith(h[4], ':'), concat(h[4], ' ', h[5]), h[5]) AS rest,
            if(is_new, h[4], '') AS new_program,
            if(is_new AND h[5] != '-', h[5], '') AS new_pid,
            if(is_new AND h[6] != '-', h[6], '') AS msgid,
            if(is_new AND h[7] != '-', h[7], '') AS structured,
            if(is_new, h[8], '') AS new_message
        FROM headers
    ),
    tags AS
    (
        SELECT
            *,
            if(is_new, [], extractGroups(rest, '(?s)^(\\(?[^\\s\\[\\]:()]+\\)?)(?:\\(([^)]*)\\))?(?:\\[(\\d+)\\])?:\\s?(.*)$')) AS tag,
            toUInt16OrZero(pri) % 8 AS pri_severity,
            if(is_old, concat('-', transform(substring(stamp, 1, 3),
                    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
                    ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'], ''),
                '-', leftPad(trim(BOTH ' ' FROM substring(stamp, 5, length(stamp) - 13)), 2, '0'), 'T', right(stamp, 8), 'Z'), '') AS in_year,
            toYear({base_time:DateTime64(3, 'UTC')}) AS year
        FROM stamps
    ),
    times AS
    (
        SELECT
            * EXCEPT (tag),
            trim(BOTH '()' FROM if(is_new, new_program, tag[1])) AS program,
            if(is_new, new_pid, tag[3]) AS pid,
            if(startsWith(tag[2], 'pam_'), tag[2], '') AS old_pam,
            multiIf(is_new, new_message, empty(tag), rest, tag[4]) AS message,
            if(is_old, parseDateTime64BestEffortOrNull(concat(toString(year), in_year), 3, 'UTC'), NULL) AS this_year,
            if(is_old, parseDateTime64BestEffortOrNull(concat(toString(year - 1), in_year), 3, 'UTC'), NULL) AS last_year,
            if(is_old, NULL, parseDateTime64BestEffortOrNull(replaceOne(stamp, ',', '.'), 3, 'UTC')) AS any_year
        FROM tags
    ),
    messages AS
    (
        SELECT
            *,
            lower(splitByChar('/', program)[-1]) AS prog,
            if(startsWith(message, 'message repeated '), extractGroups(message, '^message repeated (\\d+) times: \\[ (.*)\\]$'), []) AS repeated,
            -- RFC 3164 has no year: the last one in which the line is not later than the file's last change, but for
            -- clocks that differ. Its time is that of the host, whose zone the line does not say: UTC is assumed.
            multiIf(
                NOT is_old, any_year,
                this_year <= {base_time:DateTime64(3, 'UTC')} + INTERVAL 1 DAY, this_year,
                last_year) AS time_or_null
        FROM times
    ),
    told AS
    (
        SELECT *, startsWith(prog, 'sshd') AS is_sshd, if(empty(repeated), message, repeated[2]) AS told FROM messages
    ),
    -- pam_unix(sshd:session): ..., and before that su(pam_unix)[12]: ...
    modules AS
    (
        SELECT *, if(startsWith(told, 'pam_'), extractGroups(told, '^pam_\\w+\\(([^:)]*):(\\w+)\\): (.*)$'), []) AS pam FROM told
    ),
    said AS
    (
        SELECT
            * EXCEPT (pam, told),
            notEmpty(pam) OR old_pam != '' AS is_pam,
            multiIf(notEmpty(pam), pam[1], old_pam != '', prog, '') AS pam_service,
            trimRight(if(empty(pam), told, pam[3])) AS said
        FROM modules
    ),
    sorted AS
    (
        SELECT
            *,
            multiIf(
                is_pam, multiIf(
                    startsWith(said, 'session opened for user '), 'pam.session_opened',
                    startsWith(said, 'session closed for user '), 'pam.session_closed',
                    startsWith(said, 'authentication failure; '), 'pam.failure',
                    startsWith(said, 'authentication success; '), 'pam.success',
                    startsWith(said, 'password changed for '), 'pam.password_changed',
                    startsWith(said, 'Consecutive login failures for user '), 'pam.locked',
                    ''),
                is_sshd, multiIf(
                    startsWith(said, 'Accepted '), 'sshd.accepted',
                    startsWith(said, 'Failed ') AND position(said, ' for ') > 0, 'sshd.failed',
                    startsWith(said, 'Postponed '), 'sshd.postponed',
                    startsWith(said, 'Partial '), 'sshd.partial',
                    startsWith(said, 'Invalid user ') OR startsWith(said, 'Illegal user '), 'sshd.invalid_user',
                    startsWith(said, 'User ') AND position(said, ' not allowed because ') > 0, 'sshd.not_allowed',
                    position(said, 'maximum authentication attempts exceeded for ') BETWEEN 1 AND 8, 'sshd.too_many',
                    match(said, '^(?:Connection (?:closed|reset)|Disconnect(?:ed|ing)|Received disconnect)(?: by| from)? (?:\\S+ )?user ')
                        AND NOT match(said, '^(?:Disconnected from|Connection closed by) user '), 'sshd.gave_up',
                    match(said, '^(?:Connection (?:closed|reset)|Disconnect(?:ed|ing)|Received disconnect) '), 'sshd.disconnected',
                    startsWith(said, 'Connection from ') AND position(said, ' on ') > 0, 'sshd.connection',
                    startsWith(said, 'Starting session: '), 'sshd.session_started',
                    startsWith(said, 'Close session: '), 'sshd.session_ended',
                    startsWith(said, 'Server listening on '), 'sshd.listening',
                    startsWith(said, 'refused connect from '), 'sshd.refused',
                    match(said, '(?:[Ff]rom|with|before authentication for) (?:[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|\\d+\\.\\d+\\.\\d+\\.\\d+)'), 'sshd.protocol',
                    ''),
                prog = 'sudo', multiIf(
                    position(said, ' COMMAND=') = 0, '',
                    match(said, '^ *\\S+ : (?:TTY|PWD)='), 'sudo.command',
                    match(said, '^ *\\S+ : .*? ; (?:TTY|PWD)='), 'sudo.refused',
                    ''),
                prog IN ('su', 'su-l'), multiIf(
                    match(said, '^(?:FAILED SU|FAILED su|- /dev)'), 'su.failed',
                    match(said, '^(?:\\(to .*\\) .* on |Successful su for |\\+ /dev)'), 'su.switched',
                    ''),
                prog IN ('useradd', 'adduser', 'usermod', 'userdel', 'groupadd', 'groupdel', 'groupmod', 'newusers', 'chage',
                    'gpasswd', 'passwd', 'chpasswd', 'vipw', 'chsh', 'chfn'), multiIf(
                    startsWith(said, 'new user: '), 'useradd.new_user',
                    startsWith(said, 'new group: '), 'group.new_group',
                    startsWith(said, 'delete user '), 'userdel.delete_user',
                    match(said, '^(?:add|delete|remove) \'.*\' (?:to|from) (?:shadow )?group \''),
                        if(startsWith(said, 'add'), 'group.add_user', 'group.remove_user'),
                    match(said, '^removed? group \'|^group \'.*\' removed$'), 'group.delete_group',
                    match(said, '^user .* added by .* to group '), 'gpasswd.add_user',
                    match(said, '^user .* removed by .* from group '), 'gpasswd.remove_user',
                    startsWith(said, 'lock user '), 'usermod.lock',
                    startsWith(said, 'unlock user '), 'usermod.unlock',
                    match(said, '^change user \'.*\' password$'), 'usermod.password',
                    startsWith(said, 'change user '), 'usermod.changed',
                    startsWith(said, 'password for '), 'passwd.changed',
                    ''),
                prog IN ('cron', 'crond', 'crontab', 'anacron'), transform(
                    extract(said, '^\\([^)]*\\) ([A-Z ]+?) \\('),
                    ['CMD', 'LIST', 'REPLACE', 'DELETE', 'BEGIN EDIT', 'END EDIT', 'RELOAD'],
                    ['cron.command', 'crontab.list', 'crontab.replace', 'crontab.delete', 'crontab.begin_edit',
                     'crontab.end_edit', 'crontab.reload'], ''),
                prog = 'login', multiIf(
                    match(said, '^(?:ROOT )?LOGIN ON '), 'login.login',
                    startsWith(said, 'FAILED LOGIN '), 'login.failed',
                    ''),
                prog = 'systemd-logind', if(startsWith(said, 'New session '), 'logind.new_session', ''),
                prog = 'systemd', if(match(said, '^(?:Started|Stopped|Starting|Stopping|Reloaded|Reloading) '), 'systemd.unit', ''),
                '') AS kind,
            startsWith(pam_service, 'su') OR prog IN ('su', 'sudo', 'su-l', 'runuser', 'pkexec') AS switches
        FROM said
    ),
    parts AS
    (
        SELECT
            *,
            -- The parts of the message, by the pattern of its kind.
            multiIf(
                kind = '', [],
                kind = 'sshd.accepted',
                    extractGroups(said, '^Accepted (\\S+) for (.*) from (\\S+) port (\\d+)(?: ssh\\d)?(?:: (\\S+) (\\S+)(.*))?$'),
                kind IN ('sshd.failed', 'sshd.postponed', 'sshd.partial'),
                    extractGroups(said, '^(\\S+) (\\S+) for (invalid user |illegal user )?(.*) from (\\S+) port (\\d+)'),
                kind = 'sshd.invalid_user', extractGroups(said, '^(?:Invalid|Illegal) user (.*) from (\\S+?)(?: port (\\d+))?$'),
                kind = 'sshd.not_allowed', extractGroups(said, '^User (.*) from (\\S+) not allowed because (.*)$'),
                kind = 'sshd.too_many',
                    extractGroups(said, ' exceeded for (?:invalid user )?(.*) from (\\S+) port (\\d+)'),
                kind IN ('sshd.gave_up', 'sshd.disconnected'), extractGroups(said,
                    '^([A-Z]\\w+(?: closed| reset| disconnect)?)(?: by| from)? (?:((?:\\S+ )?user) (.*) )?(\\S+) port (\\d+):? ?(.*)$'),
                kind = 'sshd.connection', extractGroups(said, '^Connection from (\\S+) port (\\d+) on (\\S+) port (\\d+)'),
                kind = 'sshd.session_started',
                    extractGroups(said, '^Starting session: (.*) for (\\S+) from (\\S+) port (\\d+) id (\\d+)'),
                kind = 'sshd.session_ended', extractGroups(said, '^Close session: user (\\S+) from (\\S+) port (\\d+) id (\\d+)'),
                kind = 'sshd.listening', extractGroups(said, '^Server listening on (\\S+) port (\\d+)'),
                kind = 'sshd.refused', extractGroups(said, '^refused connect from (\\S+) \\(([^)]*)\\)'),
                kind = 'sshd.protocol',
                    extractGroups(said, '(?:[Ff]rom|with|before authentication for) ([0-9A-Fa-f:.]+[^ ,:]*)(?: port (\\d+))?[:,]? ?(.*)$'),
                kind = 'pam.session_opened',
                    extractGroups(said, '^session opened for user (.*?)(?:\\(uid=(\\d+)\\))?(?: by (.*?)(?:\\(uid=(\\d+)\\))?)?$'),
                kind = 'pam.session_closed', extractGroups(said, '^session closed for user (.*)$'),
                kind IN ('pam.failure', 'pam.success'), extractGroups(said,
                    '^authentication \\w+; logname=(\\S*) uid=(\\S*) euid=\\S* tty=(\\S*) ruser=(\\S*) rhost=(\\S*) *(?:user=(.*))?$'),
                kind = 'pam.password_changed', extractGroups(said, '^password changed for (.*)$'),
                kind = 'pam.locked', extractGroups(said, '^Consecutive login failures for user (.*) account temporarily locked'),
                kind IN ('sudo.command', 'sudo.refused'), extractGroups(said,
                    '^ *(\\S+) : (?:(.*?) ; )??(?:TTY=(.*?) ; )?PWD=(.*?) ; (?:USER=(\\S+) ; )?(?:.*?; )??COMMAND=(.*)$'),
                kind IN ('su.switched', 'su.failed'), multiIf(
                    position(said, '(to ') > 0, extractGroups(said, '\\(to (.*)\\) (.*) on (\\S+)$'),
                    match(said, '^[+-] '), arrayReverse(extractGroups(said, '^[+-] (\\S+) ([^:]*):(.*)$')),
                    extractGroups(said, ' for (.*) by (.*)$')),
                kind = 'useradd.new_user',
                    extractGroups(said, '^new user: name=([^,]*), UID=(\\d*), GID=(\\d*), home=([^,]*), shell=([^,]*)'),
                kind = 'userdel.delete_user', extractGroups(said, '^delete user \'(.*)\''),
                startsWith(kind, 'usermod.'), extractGroups(said, '^(change|lock|unlock) user (?:name )?\'(.*?)\' ?(.*)$'),
                kind = 'passwd.changed', extractGroups(said, '^password for \'(.*)\' changed by \'(.*)\'$'),
                kind = 'group.new_group', extractGroups(said, '^new group: name=([^,]*), GID=(\\d*)'),
                kind = 'group.delete_group', extractGroups(said, 'group \'(.*?)\''),
                kind IN ('group.add_user', 'group.remove_user'),
                    extractGroups(said, '^\\w+ \'(.*)\' (?:to|from) (shadow )?group \'(.*)\'$'),
                startsWith(kind, 'gpasswd.'), extractGroups(said, '^user (.*) (added|removed) by (.*) (?:to|from) group (.*)$'),
                kind = 'cron.command', extractGroups(said, '^\\(([^)]*)\\) CMD \\((.*)\\)$'),
                startsWith(kind, 'crontab.'), extractGroups(said, '^\\(([^)]*)\\) ([A-Z ]+) \\((.*)\\)$'),
                kind = 'login.login', arrayMap((part, nth) -> if(nth = 2 AND part = '' AND startsWith(said, 'ROOT'), 'root', part),
                    extractGroups(said, '^(?:ROOT )?LOGIN ON (\\S+)(?: BY (.*?))?(?: FROM (\\S+))?$') AS login, arrayEnumerate(login)),
                kind = 'login.failed',
                    extractGroups(said, '^FAILED LOGIN .*? on \'(.*?)\' (?:from \'(.*?)\' )?FOR \'(.*)\', (.*)$'),
                kind = 'logind.new_session', extractGroups(said, '^New session \'?(\\S+?)\'? of user \'?(.*?)\'?\\.?$'),
                kind = 'systemd.unit', extractGroups(said, '^(\\w+) (.*?)\\.?$'),
                []) AS g
        FROM sorted
    ),
    rules AS
    (
        SELECT
            *,
            -- By the kind of message: OCSF class, activity and status; and which part of its pattern is the user it is
            -- about, who did it, the address, the port, and the reason. 9 is a part that no pattern has.
            arrayMap(digits -> toUInt16OrZero(digits), splitByChar(' ', transform(kind,
                [
                    'sshd.accepted', 'sshd.failed', 'sshd.postponed', 'sshd.partial',
                    'sshd.invalid_user', 'sshd.not_allowed', 'sshd.too_many', 'sshd.gave_up',
                    'sshd.disconnected', 'sshd.connection', 'sshd.session_started', 'sshd.session_ended',
                    'sshd.listening', 'sshd.refused', 'sshd.protocol', 'pam.session_opened',
                    'pam.session_closed', 'pam.success', 'pam.failure', 'pam.password_changed',
                    'pam.locked', 'sudo.command', 'sudo.refused', 'su.switched',
                    'su.failed', 'useradd.new_user', 'userdel.delete_user', 'usermod.password',
                    'usermod.lock', 'usermod.unlock', 'usermod.changed', 'passwd.changed',
                    'group.new_group', 'group.delete_group', 'group.add_user', 'group.remove_user',
                    'gpasswd.add_user', 'gpasswd.remove_user', 'cron.command', 'crontab.list',
                    'crontab.replace', 'crontab.delete', 'crontab.begin_edit', 'crontab.end_edit',
                    'crontab.reload', 'login.login', 'login.failed', 'logind.new_session'
                ],
                [
                    '3002 1 1 2 2 3 4 9', '3002 1 2 4 9 5 6 3', '3002 1 0 4 9 5 6 3', '3002 1 0 4 9 5 6 3',
                    '3002 1 2 1 9 2 3 9', '3002 1 2 1 9 2 9 3', '3002 1 2 1 9 2 3 9', '3002 1 2 3 9 4 5 6',
                    '4007 2 1 9 3 4 5 6', '4007 1 1 9 9 1 2 9', '4007 1 1 9 2 3 4 9', '4007 2 1 9 1 2 3 9',
                    '4007 7 1 9 9 9 9 9', '4007 5 2 9 9 2 9 9', '4007 4 2 9 9 1 2 3', '3002 1 1 1 3 9 9 9',
                    '3002 2 1 1 9 9 9 9', '3002 1 1 6 4 5 9 9', '3002 1 2 6 4 5 9 9', '3001 3 1 1 9 9 9 9',
                    '3001 9 1 1 9 9 9 9', '1007 1 1 9 1 9 9 9', '1007 1 2 9 1 9 9 2', '3002 7 1 1 2 9 9 9',
                    '3002 7 2 1 2 9 9 9', '3001 1 1 1 9 9 9 9', '3001 6 1 1 9 9 9 9', '3001 4 1 2 9 9 9 9',
                    '3001 9 1 2 9 9 9 9', '3001 12 1 2 9 9 9 9', '3001 99 1 2 9 9 9 3', '3001 4 1 1 2 9 9 9',
                    '3006 6 1 9 9 9 9 9', '3006 5 1 9 9 9 9 9', '3006 3 1 1 9 9 9 9', '3006 4 1 1 9 9 9 9',
                    '3006 3 1 1 3 9 9 9', '3006 4 1 1 3 9 9 9', '1007 1 1 9 1 9 9 9', '3004 2 1 9 1 9 9 9',
                    '3004 3 1 9 1 9 9 9', '3004 4 1 9 1 9 9 9', '0 0 0 9 1 9 9 9', '0 0 0 9 1 9 9 9',
                    '0 0 0 9 1 9 9 9', '3002 1 1 2 2 3 9 9', '3002 1 2 3 9 2 9 4', '0 0 0 9 2 9 9 9'
                ],
                '0 0 0 9 9 9 9 9'))) AS rule
        FROM parts
    ),
    facts AS
    (
        SELECT
            *,
            rule[1] AS rule_class,
            rule[2] AS rule_activity,
            rule[3] AS status,
            g[rule[4]] AS user_read,
            g[rule[5]] AS actor_read,
            g[rule[6]] AS peer,
            g[rule[7]] AS port_read,
            g[rule[8]] AS reason_read,
            if(kind = 'sshd.session_started', g[5], g[1]) AS session_read,
            if(kind = 'sshd.accepted', g[1], g[2]) AS method_read,
            if(startsWith(kind, 'sudo.'), g[5], '') AS as_user
        FROM rules
    )
SELECT
    number,
    line,
    multiIf(
        text = '', 'an empty line',
        stamp = '', 'no syslog time at the beginning',
        time_or_null IS NULL, 'the time at the beginning is no date that exists',
        '') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    stamp AS time_text,
    if(logged_by = '', {host:String}, logged_by) AS host,
    -- The class asks for the one that it is about; without him the line is an event of no class.
    multiIf(
        rule_class IN (3001, 3002) AND user_name = '' AND user_uid = '', 0,
        rule_class = 3006 AND group_name = '', 0,
        rule_class = 3004 AND resource_name = '', 0,
        rule_class = 1007 AND process_pid = 0, 0,
        rule_class = 4007 AND src_ip = '' AND src_hostname = '' AND dst_ip = '' AND host = '', 0,
        rule_class) AS class_uid,
    multiIf(
        class_uid = 0, 0,
        -- Su, sudo and their like turn one who is there into another one.
        class_uid = 3002 AND rule_activity = 1 AND switches, 7,
        kind = 'passwd.changed' AND user_name = actor_user_name, 3,
        rule_activity) AS activity_id,
    multiIf(pri = '', 1, pri_severity = 0, 6, pri_severity <= 2, 5, pri_severity = 3, 4, pri_severity = 4, 3, 1) AS severity_id,
    status AS status_id,
    trim(reason_read) AS status_detail,
    message,
    kind AS event_code,
    if(is_sshd AND pid != '', concat(program, '[', pid, ']'), '') AS correlation_uid,
    multiIf(
        startsWith(kind, 'pam.session_') AND NOT switches, user_read,
        kind = 'pam.success' AND NOT switches, user_read,
        kind = 'pam.failure' AND actor_read = '' AND switches, g[1],
        kind = 'pam.failure' AND NOT switches, '',
        actor_read) AS actor_user_name,
    if(kind = 'pam.session_opened', if(switches, g[4], g[2]), '') AS actor_user_uid,
    if(kind = 'sshd.accepted', g[6], '') AS actor_credential_uid,
    multiIf(
        kind IN ('sshd.session_started', 'logind.new_session'), session_read,
        kind = 'sshd.session_ended', g[4],
        '') AS actor_session_uid,
    multiIf(
        startsWith(peer, '::ffff:') AND isIPv4String(substring(peer, 8)), substring(peer, 8),
        isIPv4String(peer) OR isIPv6String(splitByChar('%', peer)[1]), peer,
        '') AS src_ip,
    toUInt16OrZero(port_read) AS src_port,
    multiIf(
        kind = 'sshd.refused', g[1],
        src_ip = '' AND peer NOT IN ('UNKNOWN', '?'), peer,
        '') AS src_hostname,
    if(kind = 'sshd.connection', g[3], if(kind = 'sshd.listening', g[1], '')) AS dst_ip,
    toUInt16OrZero(if(kind = 'sshd.connection', g[4], if(kind = 'sshd.listening', g[2], ''))) AS dst_port,
    if(rule_class IN (3002, 4007), host, '') AS dst_hostname,
    user_read AS user_name,
    if(kind = 'useradd.new_user' OR kind = 'pam.session_opened', g[2], '') AS user_uid,
    multiIf(
        kind IN ('group.add_user', 'group.remove_user'), g[3],
        kind IN ('gpasswd.add_user', 'gpasswd.remove_user'), g[4],
        kind IN ('group.new_group', 'group.delete_group'), g[1],
        '') AS group_name,
    if(kind = 'group.new_group', g[2], '') AS group_uid,
    multiIf(startsWith(kind, 'crontab.'), 'crontab', kind = 'systemd.unit', 'unit', '') AS resource_type,
    multiIf(startsWith(kind, 'crontab.'), g[3], kind = 'systemd.unit', g[2], '') AS resource_name,
    multiIf(
        kind = 'useradd.new_user', if(g[2] = '', g[1], g[2]),
        kind = 'group.new_group', g[1],
        '') AS made_uid,
    multiIf(startsWith(kind, 'sudo.'), g[6], kind = 'cron.command', g[2], '') AS process_cmd_line,
    if(rule_class = 1007, toUInt32OrZero(pid), 0) AS process_pid,
    if(kind IN ('sshd.accepted', 'sshd.failed', 'sshd.postponed', 'sshd.partial'), method_read, '') AS auth_protocol,
    mapFilter((name, value) -> value != '', map(
        'program', program,
        'pid', pid,
        'pri', pri,
        'msgid', msgid,
        'structured_data', structured,
        'repeated', repeated[1],
        'service', pam_service,
        'uid', if(kind = 'useradd.new_user', g[2], ''),
        'gid', if(kind = 'useradd.new_user', g[3], ''),
        'home', if(kind = 'useradd.new_user', g[4], ''),
        'shell', if(kind = 'useradd.new_user', g[5], ''),
        'tty', multiIf(startsWith(kind, 'sudo.') OR kind IN ('su.switched', 'su.failed', 'pam.failure', 'pam.success'), g[3],
            kind IN ('login.login', 'login.failed'), g[1], ''),
        'pwd', if(startsWith(kind, 'sudo.'), g[4], ''),
        'as_user', as_user,
        'ruser', if(kind IN ('pam.failure', 'pam.success'), g[4], ''),
        'key_type', if(kind = 'sshd.accepted', g[5], ''),
        'certificate', if(kind = 'sshd.accepted', trim(g[7]), ''))) AS fields
FROM facts
