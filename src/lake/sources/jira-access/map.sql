-- Jira's access log, by the pattern that its Tomcat comes with:
-- address, request id, user, [time], "request", status, bytes, milliseconds, "referrer", "user agent", "session".
-- What was asked for is told by the path: an issue by its key, an attachment, a search, an export. A site may stand
-- below a path of its own (/jira). Patterns see the line as valid UTF-8, because RE2 matches no other bytes.
WITH
    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] AS months
SELECT
    number,
    line,
    multiIf(
        known AND time_or_null IS NOT NULL, '',
        trimBoth(line) = '', 'an empty line',
        NOT known, 'not in the pattern of Jira''s access log',
        'the time is no date that exists') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    g[4] AS time_text,
    {host:String} AS host,
    toUInt32(if(kind = '', 4002, 6001)) AS class_uid,
    toUInt8(multiIf(
        kind = '', transform(method, ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], [1, 2, 3, 4, 5, 6, 7, 8, 9], 99),
        verb = 'search', 5,
        verb = 'export', 7,
        verb IN ('view', 'download'), 2,
        verb = 'delete', 4,
        verb = 'run', 99,
        3)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(multiIf(http_status = 0, 0, http_status < 400, 1, 2)) AS status_id,
    g[8] AS status_code,
    concat(method, ' ', url) AS message,
    if(kind = '', concat('http.', lower(method)), concat(kind, '.', verb)) AS event_code,
    g[2] AS event_uid,
    user AS actor_user_name,
    if(g[13] = '-', '', g[13]) AS actor_session_uid,
    if(isIPv4String(g[1]) OR isIPv6String(g[1]), g[1], '') AS src_ip,
    if(isIPv4String(g[1]) OR isIPv6String(g[1]) OR g[1] = '-', '', g[1]) AS src_hostname,
    if(has(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], method), method, '') AS http_method,
    url AS http_url,
    if(g[12] = '-', '', g[12]) AS http_user_agent,
    if(g[11] = '-', '', g[11]) AS http_referrer,
    http_status,
    toUInt64OrZero(g[9]) AS bytes_out,
    event_code AS api_operation,
    'Jira' AS api_service,
    kind AS resource_type,
    multiIf(kind = 'issue', if(key = '', issue_id, key), kind = 'attachment', attachment[1], '') AS resource_uid,
    multiIf(
        kind = 'issue', if(key = '', issue_id, key),
        kind = 'attachment', if(attachment[2] = '', attachment[1], attachment[2]),
        kind = 'search', if(words = '', path, words),
        kind = 'script', path,
        '') AS resource_name,
    words AS query_text
FROM
(
    SELECT
        *,
        multiIf(
            attachment[1] != '', 'attachment',
            is_script, 'script',
            key != '' OR issue_id != '', 'issue',
            is_search OR is_export, 'search',
            '') AS kind,
        multiIf(
            attachment[1] != '', if(method = 'DELETE', 'delete', 'download'),
            is_script, 'run',
            is_export, 'export',
            key = '' AND issue_id = '', 'search',
            method IN ('GET', 'HEAD'), 'view',
            method = 'DELETE', 'delete',
            'update') AS verb
    FROM
    (
        SELECT
            *,
            if(path_key != '', path_key, if(match(key_asked, '^[A-Z][A-Z0-9_]+-[0-9]+$'), key_asked, '')) AS key,
            path LIKE '%/rest/scriptrunner/%' AND (path LIKE '%/exec%' OR path LIKE '%/custom/%') AS is_script,
            match(path, '/searchrequest-[a-z]+[^/]*/|/SearchRequest(-[0-9]+)?\\.(csv|xml|html|doc|xls)|/rest/csv/|/issueviews:searchrequest') AS is_export,
            words != '' OR match(path, '/rest/api/[^/]+/search$|/issueNav/[^/]+/issueTable|/(QuickSearch|IssueNavigator)\\.jspa|^(/[^/]+)?/issues/?$') AS is_search
        FROM
        (
            SELECT
                *,
                extract(path, '/(?:browse|issue|issues|jira\\.issueviews:issue-[a-z-]+)/([A-Z][A-Z0-9_]+-[0-9]{1,18})(?:[/?.]|$)') AS path_key,
                extract(path, '/rest/api/[^/]+/issue/([0-9]{1,18})(?:/|$)') AS issue_id,
                decodeURLFormComponent(if(key_param != '', key_param, extractURLParameter(url, 'selectedIssue'))) AS key_asked,
                extractGroups(decodeURLComponent(path), '/(?:secure/(?:attachment|thumbnail|attachmentzip)|rest/api/[^/]+/attachment(?:/content|/thumbnail)?)/_?(?:[a-z]+/)?([0-9]+)(?:_thumb)?(?:\\.zip)?(?:/([^/]*))?') AS attachment,
                decodeURLFormComponent(arrayFirst(x -> x != '', [
                    extractURLParameter(url, 'jql'),
                    extractURLParameter(url, 'jqlQuery'),
                    extractURLParameter(url, 'searchString'),
                    if(path LIKE '%/rest/quicksearch/%' OR path LIKE '%/issue/picker', extractURLParameter(url, 'query'), '')])) AS words
            FROM
            (
                SELECT
                    number,
                    line,
                    g,
                    notEmpty(g) AS known,
                    if(g[3] IN ('-', 'anonymous'), '', g[3]) AS user,
                    g[5] AS method,
                    g[6] AS url,
                    splitByChar('?', g[6])[1] AS path,
                    extractURLParameter(g[6], 'issueKey') AS key_param,
                    toUInt16OrZero(g[8]) AS http_status,
                    parseDateTime64BestEffortOrNull(if(has(months, substring(g[4], 4, 3)), concat(
                        substring(g[4], 8, 4), '-', leftPad(toString(indexOf(months, substring(g[4], 4, 3))), 2, '0'), '-', substring(g[4], 1, 2), ' ',
                        substring(g[4], 13, 8), ' ', substring(g[4], 22)), ''), 3, 'UTC') AS time_or_null
                FROM
                (
                    SELECT
                        number,
                        line,
                        extractGroups(toValidUTF8(line), '^(\\S+) ([0-9]+x[0-9]+x[0-9]+|-) (.*?) \\[([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4})\\] "(\\S*) ?(.*?) ?(HTTP/[0-9.]+)?" ([0-9]{3}) ([0-9]+|-) ([0-9.]+|-) "(.*?)" "(.*?)" "([^"]*)"\\s*$') AS g
                    FROM {records}
                )
            )
        )
    )
)
