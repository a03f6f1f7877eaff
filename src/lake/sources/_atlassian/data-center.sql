-- Data Center writes `auditType` and a time in seconds to files; its REST API says `type` and ISO 8601 of the same.
SELECT
    number,
    line,
    startsWith(trimLeft(line), '{') AS is_object,
    if((t).auditType.action != '' OR (t).auditType.actionI18nKey != '', (t).auditType, (t).type) AS kind,
    if((kind).actionI18nKey = '', (kind).action, (kind).actionI18nKey) AS code,
    (kind).action AS action,
    if((t).timestamp.epochSecond = 0, JSONExtractString(line, 'timestamp'), '') AS iso_text,
    multiIf(
        (t).timestamp.epochSecond BETWEEN 1 AND 10413791999,
            fromUnixTimestamp64Milli((t).timestamp.epochSecond * 1000 + intDiv(least((t).timestamp.nano, 999999999), 1000000), 'UTC'),
        match(iso_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'), parseDateTime64BestEffortOrNull(iso_text, 3, 'UTC'),
        NULL) AS time_or_null,
    if((t).timestamp.epochSecond = 0, iso_text,
        concat(toString((t).timestamp.epochSecond), '.', leftPad(toString((t).timestamp.nano), 9, '0'))) AS time_text,
    domain((t).system) AS site,
    ((t).author.id, (t).author.name, '', (t).author.type) AS author,
    '' AS credential,
    (kind).action AS operation,
    -- Behind proxies it is a list, which begins with the client; a proxy on the same host adds itself.
    arrayFilter(x -> isIPv4String(x) OR isIPv6String(x), splitByRegexp('[, ]+', (t).source)) AS sources,
    if(arrayExists(x -> x NOT IN ('127.0.0.1', '::1'), sources), arrayFirst(x -> x NOT IN ('127.0.0.1', '::1'), sources), sources[1]) AS address,
    '' AS country,
    '' AS agent,
    '' AS record_uid,
    (t).affectedObjects AS objects,
    (t).changedValues AS changes,
    (t).extraAttributes AS extras,
    '' AS text
FROM
(
    SELECT
        number,
        line,
        JSONExtract(line, 'Tuple(
            auditType Tuple(action String, actionI18nKey String),
            `type` Tuple(action String, actionI18nKey String),
            author Tuple(id String, name String, `type` String),
            affectedObjects Array(Tuple(id String, name String, `type` String)),
            changedValues Array(Tuple(key String, i18nKey String, `from` String, `to` String)),
            extraAttributes Array(Tuple(name String, nameI18nKey String, value String)),
            source String,
            system String,
            timestamp Tuple(epochSecond Int64, nano UInt32))') AS t
    FROM {records}
)
