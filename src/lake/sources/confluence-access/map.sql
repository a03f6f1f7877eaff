-- Confluence's access log, by its default pattern since 7.11: [time] user thread address request status time taken,
-- bytes, referrer, user agent; and by the one that names the client of a proxy first. Nothing is in quotation marks,
-- so a user agent has the rest of the line. A page is told by its id or its title, a search by its words. Patterns see
-- the line as valid UTF-8, because RE2 matches no other bytes.
WITH
    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] AS months
SELECT
    number,
    line,
    multiIf(
        known AND time_or_null IS NOT NULL, '',
        trimBoth(line) = '', 'an empty line',
        NOT known, 'not in the pattern of Confluence''s access log',
        'the time is no date that exists') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    g[1] AS time_text,
    {host:String} AS host,
    toUInt32(if(kind = '', 4002, 6001)) AS class_uid,
    toUInt8(multiIf(
        kind = '', transform(method, ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], [1, 2, 3, 4, 5, 6, 7, 8, 9], 99),
        verb = 'search', 5,
        verb = 'export', 7,
        verb IN ('view', 'download'), 2,
        verb = 'delete', 4,
        3)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(multiIf(http_status = 0, 0, http_status < 400, 1, 2)) AS status_id,
    g[9] AS status_code,
    concat(method, ' ', url) AS message,
    if(kind = '', concat('http.', lower(method)), concat(kind, '.', verb)) AS event_code,
    if(g[3] IN ('-', 'anonymous'), '', g[3]) AS actor_user_name,
    if(isIPv4String(address) OR isIPv6String(address), address, '') AS src_ip,
    if(isIPv4String(address) OR isIPv6String(address) OR address = '-', '', address) AS src_hostname,
    if(has(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], method), method, '') AS http_method,
    url AS http_url,
    if(g[13] = '-', '', g[13]) AS http_user_agent,
    if(g[12] = '-', '', g[12]) AS http_referrer,
    http_status,
    toUInt64OrZero(g[11]) AS bytes_out,
    event_code AS api_operation,
    'Confluence' AS api_service,
    kind AS resource_type,
    multiIf(kind = 'page', page_id, kind = 'attachment', concat(attachment[1], '/', attachment[2]), '') AS resource_uid,
    multiIf(
        kind = 'page', title,
        kind = 'attachment', attachment[2],
        kind = 'space', space,
        kind = 'search', if(words = '', path, words),
        '') AS resource_name,
    words AS query_text
FROM
(
    SELECT
        *,
        multiIf(
            attachment[1] != '', 'attachment',
            is_search, 'search',
            page_id != '' OR title != '', 'page',
            exports_space, 'space',
            '') AS kind,
        multiIf(
            attachment[1] != '', 'download',
            is_search, 'search',
            exports_page OR exports_space, 'export',
            method IN ('GET', 'HEAD'), 'view',
            method = 'DELETE', 'delete',
            'update') AS verb
    FROM
    (
        SELECT
            *,
            words != '' OR match(path, '/(dosearchsite|searchsite)\\.action$|/rest/(api(/content)?/search|searchv3/[^/]+/search|quicknav/[^/]+/search)$') AS is_search,
            match(path, '/(pdfpageexport\\.action|exportword)$') AS exports_page,
            match(path, '/(exportspacehtml|exportspacexml|doexportspace|exportspacepdf|space-export|doflyingpdf)[a-z-]*\\.action$|/spaces/exportspace[a-z]*\\.action$') AS exports_space,
            multiIf(
                match(path, '/rest/quickreload/|/rest/(likes|analytics|mywork)/|/json/'), '',
                id_in_path != '', id_in_path,
                match(id_asked, '^[0-9]{1,18}$') AND match(path, '\\.action$|/exportword$|/rest/'), id_asked,
                '') AS page_id,
            if(title_asked != '', title_asked, title_in_path) AS title,
            decodeURLFormComponent(if(key_asked != '', key_asked, extractURLParameter(url, 'spaceKey'))) AS space
        FROM
        (
            SELECT
                *,
                extract(path, '/(?:spaces/[^/]+/pages|rest/api/content)/([0-9]{1,18})(?:/|$)') AS id_in_path,
                extractURLParameter(url, 'pageId') AS id_asked,
                extractURLParameter(url, 'key') AS key_asked,
                if(path LIKE '%/pages/viewpage.action', decodeURLFormComponent(extractURLParameter(url, 'title')), '') AS title_asked,
                decodeURLFormComponent(extract(path, '^(?:/[a-z]+)?/display/[^/]+/([^/]+)$')) AS title_in_path,
                extractGroups(decodeURLFormComponent(path), '/download/(?:attachments|thumbnails)/([0-9]+)/([^/]+)') AS attachment,
                decodeURLFormComponent(arrayFirst(x -> x != '', [
                    extractURLParameter(url, 'queryString'),
                    extractURLParameter(url, 'cql'),
                    if(path LIKE '%/rest/quicknav/%' OR path LIKE '%/rest/searchv3/%', extractURLParameter(url, 'query'), '')])) AS words
            FROM
            (
                SELECT
                    number,
                    line,
                    g,
                    notEmpty(g) AS known,
                    -- Of the addresses that proxies name, the first is the client's.
                    if(g[2] IN ('', '-'), g[5], splitByChar(',', g[2])[1]) AS address,
                    g[6] AS method,
                    g[7] AS url,
                    splitByChar('?', g[7])[1] AS path,
                    toUInt16OrZero(g[9]) AS http_status,
                    parseDateTime64BestEffortOrNull(if(has(months, substring(g[1], 4, 3)), concat(
                        substring(g[1], 8, 4), '-', leftPad(toString(indexOf(months, substring(g[1], 4, 3))), 2, '0'), '-', substring(g[1], 1, 2), ' ',
                        substring(g[1], 13, 8), ' ', substring(g[1], 22)), ''), 3, 'UTC') AS time_or_null
                FROM
                (
                    SELECT
                        number,
                        line,
                        extractGroups(toValidUTF8(line), '^\\[([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4})\\] (?:([0-9a-fA-F:.]+(?:, ?[0-9a-fA-F:.]+)*|-) )?(\\S+) (\\S+-exec-[0-9]+) (\\S+) (\\S*) ?(.*?) ?(HTTP/[0-9.]+|-) ([0-9]{3}) ([0-9]+)ms ([0-9]+|-) (\\S*) ?(.*)$') AS g
                    FROM {records}
                )
            )
        )
    )
)
