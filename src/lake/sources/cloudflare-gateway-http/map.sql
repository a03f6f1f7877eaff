-- Requests that Cloudflare Gateway has inspected, as Logpush delivers them. Times are RFC 3339, seconds or nanoseconds
-- since 1970, by the job's settings.
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND ((t).URL != '' OR (t).HTTPHost != '')) AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        (t).URL = '' AND (t).HTTPHost = '', 'neither URL nor HTTPHost',
        (t).Datetime = '', 'no Datetime',
        'Datetime is not a time') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    (t).Datetime AS time_text,
    {host:String} AS host,
    toUInt32(4002) AS class_uid,
    toUInt8(transform(method, methods, [1, 2, 3, 4, 5, 6, 7, 8, 9], 99)) AS activity_id,
    toUInt8(if(action = 'block', 3, 1)) AS severity_id,
    toUInt8(multiIf(action = '', 0, action IN ('block', 'quarantine'), 2, 1)) AS status_id,
    action AS status_code,
    (t).PolicyName AS status_detail,
    concat(method, ' ', (t).URL) AS message,
    concat('http.', if(action = '', 'request', action)) AS event_code,
    (t).RequestID AS event_uid,
    (t).Email AS actor_user_name,
    (t).UserID AS actor_user_uid,
    if(match((t).Email, mail), (t).Email, '') AS actor_user_email,
    if(isIPv4String((t).SourceIP) OR isIPv6String((t).SourceIP), (t).SourceIP, '') AS src_ip,
    toUInt16OrZero((t).SourcePort) AS src_port,
    (t).DeviceName AS src_hostname,
    (t).SourceIPCountryCode AS src_country,
    if(isIPv4String((t).DestinationIP) OR isIPv6String((t).DestinationIP), (t).DestinationIP, '') AS dst_ip,
    toUInt16OrZero((t).DestinationPort) AS dst_port,
    if((t).HTTPHost = '', domain((t).URL), (t).HTTPHost) AS dst_hostname,
    if(has(methods, method), method, '') AS http_method,
    (t).URL AS http_url,
    (t).UserAgent AS http_user_agent,
    (t).Referer AS http_referrer,
    toUInt16OrZero((t).HTTPStatusCode) AS http_status,
    (t).AccountID AS cloud_account_uid,
    event_code AS api_operation,
    'Cloudflare Gateway' AS api_service,
    multiIf(
        (t).BlockedFileName != '', (t).BlockedFileName,
        notEmpty((t).DownloadedFileNames), (t).DownloadedFileNames[1],
        (t).UploadedFileNames[1]) AS file_path,
    if(match((t).BlockedFileHash, '^[0-9a-fA-F]{64}$'), lower((t).BlockedFileHash), '') AS file_sha256
FROM
(
    SELECT
        number,
        line,
        t,
        ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'] AS methods,
        '^[a-zA-Z0-9!#$%&*+/=?^_`{|}~.-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$' AS mail,
        startsWith(trimLeft(line), '{') AS is_object,
        upper((t).HTTPMethod) AS method,
        lower((t).Action) AS action,
        multiIf(
            match((t).Datetime, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'), parseDateTime64BestEffortOrNull((t).Datetime, 3, 'UTC'),
            match((t).Datetime, '^[1-8][0-9]{18}$'), fromUnixTimestamp64Milli(intDiv(toInt64OrZero((t).Datetime), 1000000), 'UTC'),
            match((t).Datetime, '^[0-9]{9,10}$'), fromUnixTimestamp64Milli(toInt64OrZero((t).Datetime) * 1000, 'UTC'),
            NULL) AS time_or_null
    FROM
    (
        SELECT
            number,
            line,
            JSONExtract(line, 'Tuple(
                AccountID String, Action String, BlockedFileHash String, BlockedFileName String, Datetime String,
                DestinationIP String, DestinationPort String, DeviceName String, DownloadedFileNames Array(String),
                Email String, HTTPHost String, HTTPMethod String, HTTPStatusCode String, PolicyName String,
                Referer String, RequestID String, SourceIP String, SourceIPCountryCode String, SourcePort String,
                URL String, UploadedFileNames Array(String), UserAgent String, UserID String)') AS t
        FROM {records}
    )
)
