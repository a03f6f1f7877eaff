-- PostgreSQL's csvlog: 23 columns since 9.0, 24 since 13 (backend_type), 26 since 14 (leader_pid, query_id). Statements
-- are recognised by what precedes them in the message, since the command tag of a statement that is logged before it
-- runs is that of the one before.
WITH
    cells AS
    (
        SELECT
            number,
            line,
            toValidUTF8(line) AS text,
            arrayMap(cell -> if(startsWith(cell, '"'), replaceAll(substring(cell, 2, length(cell) - 2), '""', '"'), cell),
                -- What follows the last comma, when it is nothing, is no match of its own.
                arrayConcat(extractAll(text, '(?s)("(?:[^"]|"")*"|[^,"\n]*)(?:,|$)'), if(endsWith(text, ','), [''], []))) AS c
        FROM {records}
    ),
    stamps AS
    (
        SELECT
            *,
            extractGroups(c[1], '^(\\d{4}-\\d\\d-\\d\\d (?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?) ([A-Za-z]{1,5}|[+-]\\d\\d(?::?\\d\\d)?)$') AS t,
            -- Zones that PostgreSQL writes by an abbreviation that means one offset only, and those of its default list.
            transform(upper(t[2]),
                ['UTC', 'GMT', 'Z', 'WET', 'WEST', 'BST', 'CET', 'CEST', 'EET', 'EEST', 'MSK', 'IST', 'JST', 'KST', 'AEST', 'AEDT', 'NZST',
                 'NZDT', 'EST', 'EDT', 'CST', 'CDT', 'MST', 'MDT', 'PST', 'PDT', 'AKST', 'AKDT', 'HST', 'BRT'],
                ['Z', 'Z', 'Z', 'Z', '+01:00', '+01:00', '+01:00', '+02:00', '+02:00', '+03:00', '+03:00', '+05:30', '+09:00', '+09:00',
                 '+10:00', '+11:00', '+12:00', '+13:00', '-05:00', '-04:00', '-06:00', '-05:00', '-07:00', '-06:00', '-08:00', '-07:00',
                 '-09:00', '-08:00', '-10:00', '-03:00'],
                if(match(t[2], '^[+-]\\d\\d$'), concat(t[2], ':00'), if(match(t[2], '^[+-]'), t[2], ''))) AS zone
        FROM cells
    ),
    names AS
    (
        SELECT
            *,
            if(zone = '', NULL, parseDateTime64BestEffortOrNull(concat(replaceOne(t[1], ' ', 'T'), zone), 3, 'UTC')) AS time_or_null,
            length(c) BETWEEN 23 AND 27 AS is_record,
            c[2] AS role, c[3] AS database, c[5] AS peer, c[12] AS severity, c[13] AS state, c[14] AS message_read,
            extractGroups(c[14], '(?s)^(?:duration: [\\d.]+ ms  )?(?:statement|execute [^:]*|parse [^:]*|bind [^:]*|fastpath function call): (.*)$') AS stated
        FROM stamps
    ),
    kinds AS
    (
        SELECT
            *,
            multiIf(
                severity = 'LOG' AND startsWith(message_read, 'connection received: '), 'connection_received',
                severity = 'LOG' AND match(message_read, '^(?:replication )?connection authorized: '), 'connection_authorized',
                severity = 'LOG' AND startsWith(message_read, 'connection authenticated: '), 'connection_authenticated',
                severity = 'LOG' AND startsWith(message_read, 'disconnection: '), 'disconnection',
                severity = 'FATAL' AND (startsWith(state, '28') OR match(message_read, '^(?:no pg_hba.conf entry|role ".*" does not exist)')), 'authentication_failed',
                severity = 'LOG' AND notEmpty(stated), 'statement',
                severity = 'LOG' AND startsWith(message_read, 'AUDIT: '), 'audit',
                severity IN ('ERROR', 'FATAL', 'PANIC') AND c[20] != '', 'statement_failed',
                '') AS kind,
            -- AUDIT: SESSION,1,1,ROLE,CREATE ROLE,,,"create role x",<not logged>, of the extension pgaudit.
            if(startsWith(message_read, 'AUDIT: '),
                extractAll(substring(message_read, 8), '(?s)("(?:[^"]|"")*"|[^,"]*)(?:,|$)'), []) AS audited
        FROM names
    ),
    statements AS
    (
        SELECT
            *,
            multiIf(
                kind = 'statement', stated[1],
                kind = 'audit', replaceAll(trim(BOTH '"' FROM audited[8]), '""', '"'),
                kind = 'statement_failed', c[20],
                '') AS statement,
            -- Only the beginning says what a statement is; comments before it are passed over.
            upper(extract(statement, '(?s)^(?:\\s|--[^\n]*\n|/\\*.*?\\*/|\\()*([A-Za-z]+)')) AS verb,
            extractGroups(substring(statement, 1, 4096), '(?is)^(?:\\s|--[^\n]*\n|/\\*.*?\\*/)*(create|alter|drop)\\s+(?:role|user|group)\\s+(?:if\\s+(?:not\\s+)?exists\\s+)?("(?:[^"]|"")+"|[^\\s;"(]+)(.*)') AS on_role
        FROM kinds
    ),
    facts AS
    (
        SELECT
            *,
            trim(BOTH '"' FROM on_role[2]) AS role_name,
            lower(on_role[1]) AS role_verb,
            match(on_role[3], '(?i)\\bpassword\\b') AS sets_password,
            multiIf(
                kind IN ('connection_authorized', 'connection_authenticated', 'disconnection'), if(role != '', role, extract(message_read, ' user=(\\S+)')),
                kind = 'authentication_failed', multiIf(role != '', role, extract(message_read, '(?:user|role) "(.*?)"')),
                '') AS login
        FROM statements
    )
SELECT
    number,
    line,
    multiIf(
        text = '', 'an empty line',
        NOT is_record, concat('a record of ', toString(length(c)), ' columns, where PostgreSQL writes 23 to 26'),
        empty(t), 'the first column is no time with a zone',
        zone = '', 'a time zone that is not known',
        time_or_null IS NULL, 'the time is no date that exists',
        '') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    c[1] AS time_text,
    {host:String} AS host,
    multiIf(
        NOT is_record, 0,
        kind IN ('connection_authorized', 'disconnection', 'authentication_failed') AND login != '', 3002,
        kind = 'connection_received' AND src_ip != '', 4001,
        statement = '', 0,
        role_name != '', 3001,
        database != '', 6005,
        0) AS class_uid,
    toUInt8(multiIf(
        class_uid = 3002, if(kind = 'disconnection', 2, 1),
        class_uid = 4001, 1,
        class_uid = 3001, multiIf(role_verb = 'create', 1, role_verb = 'drop', 6, sets_password, 4, 99),
        class_uid = 6005, transform(verb,
            ['SELECT', 'WITH', 'SHOW', 'TABLE', 'VALUES', 'COPY', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'MERGE', 'CREATE', 'DROP'],
            [4, 4, 4, 4, 4, 1, 5, 2, 7, 7, 2, 6, 7], 99),
        0)) AS activity_id,
    transform(severity, ['WARNING', 'ERROR', 'FATAL', 'PANIC'], [2, 3, 4, 6], 1) AS severity_id,
    multiIf(
        kind IN ('authentication_failed', 'statement_failed'), 2,
        kind IN ('connection_authorized', 'disconnection', 'connection_received'), 1,
        -- A statement is logged before it runs, but with its duration only after.
        kind = 'statement' AND startsWith(message_read, 'duration: '), 1,
        0) AS status_id,
    state AS status_code,
    if(kind IN ('authentication_failed', 'statement_failed'), message_read, c[15]) AS status_detail,
    message_read AS message,
    if(kind = '', if(is_record, lower(severity), ''), kind) AS event_code,
    if(kind = 'authentication_failed', '', role) AS actor_user_name,
    c[6] AS actor_session_uid,
    c[23] AS actor_app_name,
    multiIf(peer IN ('', '[local]') AND kind = 'connection_received', extract(message_read, 'host=([0-9A-Fa-f.:]+)'),
        isIPv4String(address) OR isIPv6String(address), address,
        '') AS src_ip,
    if(peer = '[local]', 0, toUInt16OrZero(extract(peer, ':(\\d+)$'))) AS src_port,
    if(src_ip = '' AND peer != '[local]', address, '') AS src_hostname,
    if(class_uid = 3002, host, '') AS dst_hostname,
    multiIf(class_uid = 3002, login, class_uid = 3001, role_name, '') AS user_name,
    if(database = '', '', 'database') AS resource_type,
    database AS resource_name,
    if(class_uid = 3001 AND role_verb = 'create' AND status_id != 2, role_name, '') AS made_uid,
    statement AS query_text,
    toUInt32OrZero(c[4]) AS process_pid,
    extract(message_read, '^connection (?:authorized|authenticated): .*method=(\\S+)') AS auth_protocol,
    mapFilter((name, value) -> value != '', map(
        'command_tag', c[8],
        'session_line', c[7],
        'transaction', if(c[11] = '0', '', c[11]),
        'hint', c[16],
        'context', c[19],
        'query', c[20],
        'backend_type', if(length(c) >= 24, c[24], ''))) AS fields
FROM
(
    SELECT *, if(peer = '[local]', '', replaceRegexpOne(peer, ':\\d+$', '')) AS address FROM facts
)
