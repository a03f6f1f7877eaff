-- Names that the company's devices looked up through Cloudflare Gateway, as Logpush delivers them. Times are RFC 3339,
-- seconds or nanoseconds since 1970, by the job's settings.
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND (t).QueryName != '') AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        (t).QueryName = '', 'no QueryName',
        (t).Datetime = '', 'no Datetime',
        'Datetime is not a time') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    (t).Datetime AS time_text,
    {host:String} AS host,
    toUInt32(4001) AS class_uid,
    toUInt8(6) AS activity_id,
    toUInt8(if(blocked, 3, 1)) AS severity_id,
    toUInt8(multiIf((t).ResolverDecision = '', 0, blocked, 2, 1)) AS status_id,
    (t).ResolverDecision AS status_code,
    if((t).PolicyName = '', (t).Policy, (t).PolicyName) AS status_detail,
    concat(type_name, ' ', (t).QueryName, if(empty(answers), '', concat(' is ', arrayStringConcat(answers, ', ')))) AS message,
    'dns.query' AS event_code,
    (t).QueryID AS event_uid,
    (t).Email AS actor_user_name,
    (t).UserID AS actor_user_uid,
    if(match((t).Email, mail), (t).Email, '') AS actor_user_email,
    if(isIPv4String((t).SrcIP) OR isIPv6String((t).SrcIP), (t).SrcIP, '') AS src_ip,
    toUInt16OrZero((t).SrcPort) AS src_port,
    (t).DeviceName AS src_hostname,
    if(isIPv4String((t).DstIP) OR isIPv6String((t).DstIP), (t).DstIP, '') AS dst_ip,
    toUInt16OrZero((t).DstPort) AS dst_port,
    if(src_ip = '' AND src_hostname = '' AND dst_ip = '', 'Cloudflare Gateway', '') AS dst_hostname,
    (t).AccountID AS cloud_account_uid,
    'query' AS api_operation,
    'Cloudflare Gateway' AS api_service,
    'domain' AS resource_type,
    lower((t).QueryName) AS resource_name,
    lower((t).QueryName) AS query_text
FROM
(
    SELECT
        number,
        line,
        t,
        '^[a-zA-Z0-9!#$%&*+/=?^_`{|}~.-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$' AS mail,
        startsWith(trimLeft(line), '{') AS is_object,
        match(lower((t).ResolverDecision), '^(blocked|override)') AS blocked,
        if((t).QueryTypeName = '', (t).QueryType, (t).QueryTypeName) AS type_name,
        if(empty((t).ResolvedIPs), (t).RData.data, (t).ResolvedIPs) AS answers,
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
                AccountID String, Datetime String, DeviceName String, DstIP String, DstPort String, Email String,
                Policy String, PolicyName String, QueryID String, QueryName String, QueryType String,
                QueryTypeName String, ResolvedIPs Array(String), RData Array(Tuple(data String)),
                ResolverDecision String, SrcIP String, SrcPort String, UserID String)') AS t
        FROM {records}
    )
)
