-- Bitbucket's access log, fields between bars: address | protocol | request id | user | time | "request" | details |
-- status | bytes read | bytes written | labels | milliseconds | session. A request has a line when it comes in (`i`)
-- and one when it has been answered (`o`), and only the second says what became of it. The times have no zone; they
-- are those of the server's clock. Older versions write fewer fields at the end, so the end is read from the right.
-- The first stage splits the line, the second reads its parts, the third names the repository and what was done.
SELECT
    number,
    line,
    multiIf(
        known AND time_or_null IS NOT NULL, '',
        trimBoth(line) = '', 'an empty line',
        NOT known, 'not in the pattern of Bitbucket''s access log',
        'the time is no date that exists') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    g[5] AS time_text,
    {host:String} AS host,
    toUInt32(multiIf(answered AND repository != '', 6001, answered AND kind = 'search', 6001, is_ssh, 4007, 4002)) AS class_uid,
    toUInt8(multiIf(
        class_uid = 4007, if(answered, 2, 1),
        class_uid = 4002, transform(method, ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], [1, 2, 3, 4, 5, 6, 7, 8, 9], 99),
        verb = 'search', 5,
        verb IN ('archive', 'clone'), 7,
        verb IN ('push', 'update'), 3,
        verb = 'delete', 4,
        2)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(multiIf(
        NOT answered OR status = '-', 0,
        is_ssh, if(status = '0', 1, 2),
        http_status = 0, 0,
        http_status < 400, 1,
        2)) AS status_id,
    if(status = '-', '', status) AS status_code,
    action AS message,
    multiIf(
        NOT answered, concat(g[2], '.request'),
        kind = '', concat(if(is_ssh, 'ssh', 'http'), '.', if(is_ssh, 'command', lower(method))),
        concat(kind, '.', verb)) AS event_code,
    concat(if(answered, 'o', 'i'), substring(g[3], 2)) AS event_uid,
    substring(g[3], 3) AS correlation_uid,
    user AS actor_user_name,
    if(key_id = '', '', concat('ssh-key/', key_id)) AS actor_credential_uid,
    if(session = '-', '', session) AS actor_session_uid,
    if(isIPv4String(address) OR isIPv6String(address), address, '') AS src_ip,
    if(isIPv4String(address) OR isIPv6String(address) OR address = '-', '', address) AS src_hostname,
    if(class_uid = 4007, {host:String}, '') AS dst_hostname,
    if(has(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], method), method, '') AS http_method,
    url AS http_url,
    agent AS http_user_agent,
    referrer AS http_referrer,
    http_status,
    toUInt64OrZero(written) AS bytes_out,
    if(is_ssh, command, event_code) AS api_operation,
    'Bitbucket' AS api_service,
    kind AS resource_type,
    repository AS resource_uid,
    if(kind = 'search', if(words = '', path, words), repository) AS resource_name,
    words AS query_text
FROM
(
    SELECT
        *,
        multiIf(repository != '', 'repository', is_search, 'search', '') AS kind,
        multiIf(
            is_ssh, multiIf(
                command = 'git-upload-archive', 'archive',
                command = 'git-receive-pack', 'push',
                match(labels, '(^|, ?)(shallow )?clone(,|$)'), 'clone',
                match(labels, '(^|, ?)(shallow )?fetch(,|$)'), 'fetch',
                match(labels, '(^|, ?)refs(,|$)'), 'refs',
                command = 'git-upload-pack', 'fetch',
                'view'),
            is_search AND repository = '', 'search',
            match(path, '/archive$') AND method = 'GET', 'archive',
            match(path, '/git-receive-pack$'), 'push',
            match(path, '/git-upload-pack$'), if(match(labels, '(^|, ?)(shallow )?clone(,|$)'), 'clone', 'fetch'),
            match(path, '/info/refs$'), 'refs',
            match(path, '/(raw|download)/'), 'download',
            method IN ('GET', 'HEAD'), 'view',
            method = 'DELETE', 'delete',
            'update') AS verb
    FROM
    (
        SELECT
            *,
            -- Project keys are in capitals, and names of repositories in small letters, whatever the client sends.
            multiIf(
                empty(named), '',
                named[1] = 'users', concat('~', upper(named[2]), '/', lower(named[3])),
                concat(upper(named[2]), '/', lower(named[3]))) AS repository,
            decodeURLFormComponent(if(match(path, '/plugins/servlet/search$'), extractURLParameter(url, 'q'), '')) AS words,
            match(path, '/plugins/servlet/search$|/rest/search/[^/]+/search$') AS is_search,
            extract(labels, '(?:^|, ?)ssh:id:([0-9]+)') AS key_id
        FROM
        (
            SELECT
                *,
                multiIf(
                    is_ssh, extractGroups(action, '()\'/?([^/\']+)/([^/\']+?)(?:\\.git)?/?\''),
                    extractGroups(path, '/(projects|users)/([^/]+)/repos/([^/]+)')[3] != '', extractGroups(path, '/(projects|users)/([^/]+)/repos/([^/]+)'),
                    extractGroups(path, '/(scm)/([^/]+)/([^/]+?)(?:\\.git)(?:/|$)')) AS named
            FROM
            (
                SELECT
                    number,
                    line,
                    g,
                    notEmpty(g) AS known,
                    splitByRegexp(', ?', g[1])[1] AS address,
                    startsWith(g[3], 'o') AS answered,
                    g[2] = 'ssh' AS is_ssh,
                    if(g[4] IN ('-', ''), '', g[4]) AS user,
                    parseDateTime64BestEffortOrNull(replaceOne(g[5], ',', '.'), 3, 'UTC') AS time_or_null,
                    if(g[7] = '', g[6], concat(g[7], ' ', g[8])) AS action,
                    extract(g[6], '^SSH - (\\S+)') AS command,
                    g[7] AS method,
                    g[8] AS url,
                    splitByChar('?', g[8])[1] AS path,
                    if(g[10] = '-', '', g[10]) AS referrer,
                    multiIf(g[2] = 'ssh', if(g[9] = '-', '', trimBoth(replaceAll(g[9], '"', ' '))), g[11] = '-', '', g[11]) AS agent,
                    splitByString(' | ', g[12]) AS tail,
                    length(tail) AS count,
                    if(count >= 5, tail[1], '-') AS status,
                    if(count >= 5, tail[3], '0') AS written,
                    if(count >= 5, tail[4], '') AS labels,
                    if(g[2] = 'ssh' OR count < 5, 0, toUInt16OrZero(tail[1])) AS http_status,
                    tail[count] AS session
                FROM
                (
                    SELECT
                        number,
                        line,
                        extractGroups(toValidUTF8(line), '^([^|]*?) \\| (https?|ssh) \\| ([io][@*]\\S+) \\| (.*?) \\| ([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3}) \\| ("([A-Z]+) (.*?)(?: HTTP/[0-9.]+)?"|SSH - .*?|-) \\| ("(.*?)" "(.*?)"|"[^|]*"|-) \\| (.*?) \\|\\s*$') AS g
                    FROM {records}
                )
            )
        )
    )
)
