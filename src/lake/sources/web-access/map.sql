-- Access logs of web servers in the Common and the Combined Log Format, with or without the virtual host before it.
-- What a client sends as its request may be any bytes: a request that is none of HTTP is kept as the URL, whole. In
-- quotes nginx and Apache write a quotation mark as \x22 or \", so the first bare one ends the field.
WITH
    lines AS
    (
        SELECT
            number,
            line,
            toValidUTF8(line) AS text,
            extractGroups(text, '^(.{1,400}?) \\[(\\d{2}/[A-Z][a-z]{2}/\\d{4}:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d [+-]\\d{4})\\] "((?:[^"\\\\]|\\\\.)*)" (\\d{3}|-) (\\d+|-)(?: "((?:[^"\\\\]|\\\\.)*)" "((?:[^"\\\\]|\\\\.)*)"(?: (.*))?)?$') AS g
        FROM {records}
    ),
    words AS
    (
        SELECT
            *,
            splitByChar(' ', g[1]) AS who,
            extractGroups(g[3], '^([A-Za-z_-]{1,32}) (\\S|\\S.*\\S) HTTP/(\\d(?:\\.\\d)?)$') AS request,
            extractGroups(g[3], '^([A-Z]{3,10}) (\\S+)$') AS old_request,
            if(empty(g), NULL, parseDateTime64BestEffortOrNull(concat(
                substring(g[2], 8, 4), '-',
                transform(substring(g[2], 4, 3),
                    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
                    ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'], '00'), '-',
                substring(g[2], 1, 2), 'T', substring(g[2], 13, 8), substring(g[2], 22, 3), ':', substring(g[2], 25, 2)), 3, 'UTC'))
                AS time_or_null
        FROM lines
    ),
    clients AS
    (
        SELECT
            *,
            -- With a virtual host before it the client's address is the second word.
            length(who) > 2 AND (isIPv4String(who[2]) OR isIPv6String(who[2])) AND NOT isIPv4String(who[1]) AND NOT isIPv6String(who[1])
                AS has_vhost,
            if(has_vhost, who[2], who[1]) AS client,
            if(has_vhost, who[1], '') AS vhost,
            arraySlice(who, if(has_vhost, 4, 3)) AS rest,
            toUInt16OrZero(g[4]) AS status,
            multiIf(notEmpty(request), request[1], notEmpty(old_request), old_request[1], '') AS method,
            multiIf(notEmpty(request), request[2], notEmpty(old_request), old_request[2], if(g[3] = '-', '', g[3])) AS url
        FROM words
    )
SELECT
    number,
    line,
    multiIf(
        text = '', 'an empty line',
        empty(g), 'not a line of the Common or the Combined Log Format',
        time_or_null IS NULL, 'the time is no date that exists',
        '') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    g[2] AS time_text,
    {host:String} AS host,
    if(empty(g), 0, 4002) AS class_uid,
    if(empty(g), 0, transform(upper(method),
        ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], [1, 2, 3, 4, 5, 6, 7, 8, 9], 99)) AS activity_id,
    1 AS severity_id,
    multiIf(status = 0, 0, status >= 400, 2, 1) AS status_id,
    if(status = 0, '', toString(status)) AS status_code,
    if(length(rest) = 1 AND rest[1] = '-', '', arrayStringConcat(rest, ' ')) AS actor_user_name,
    if(isIPv4String(client) OR isIPv6String(client), client, '') AS src_ip,
    if(src_ip = '' AND client != '-', client, '') AS src_hostname,
    replaceRegexpOne(vhost, ':\\d+$', '') AS dst_hostname,
    toUInt16OrZero(extract(vhost, ':(\\d+)$')) AS dst_port,
    -- OCSF has these methods and no other; the rest is in `fields`.
    if(activity_id BETWEEN 1 AND 9, upper(method), '') AS http_method,
    url AS http_url,
    if(g[7] = '-', '', g[7]) AS http_user_agent,
    if(g[6] = '-', '', g[6]) AS http_referrer,
    status AS http_status,
    toUInt64OrZero(g[5]) AS bytes_out,
    mapFilter((name, value) -> value != '', map(
        'method', if(http_method = '', method, ''),
        'http_version', request[3],
        'ident', if(length(who) > if(has_vhost, 3, 2) AND who[if(has_vhost, 3, 2)] != '-', who[if(has_vhost, 3, 2)], ''),
        'malformed', if(method = '' AND url != '', 'yes', ''),
        'rest', g[8])) AS fields
FROM clients
