-- Three shapes of the cloud: events of the organisation (`attributes.action`), records of Jira (`summary` and
-- `objectItem`), records of Confluence (`summary` and `affectedObject`).
SELECT
    number,
    line,
    startsWith(trimLeft(line), '{') AS is_object,
    if(of_organisation, (t).attributes.action, (t).summary) AS code,
    multiIf((t).message.content != '', (t).message.content, code) AS action,
    code AS operation,
    multiIf(of_organisation, (t).attributes.time, (t).created != '', (t).created, (t).creationDate) AS time_text,
    multiIf(
        match(time_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'), parseDateTime64BestEffortOrNull(time_text, 3, 'UTC'),
        match(time_text, '^[0-9]{12,13}$'), fromUnixTimestamp64Milli(least(toInt64OrZero(time_text), 10413791999999), 'UTC'),
        NULL) AS time_or_null,
    arrayFirst(x -> (x).attributes.siteHostName != '', (t).attributes.container).attributes.siteHostName AS site,
    multiIf(
        of_organisation, ((t).attributes.actor.id, (t).attributes.actor.name, (t).attributes.actor.email, ''),
        (t).authorKey != '' OR (t).authorAccountId != '', (if((t).authorAccountId = '', (t).authorKey, (t).authorAccountId), (t).authorKey, '', 'user'),
        ((t).author.accountId, if((t).author.displayName = '', (t).author.username, (t).author.displayName), '', (t).author.type)) AS author,
    if((t).attributes.actor.auth.tokenId = '', '', concat('apitoken/', (t).attributes.actor.auth.tokenId)) AS credential,
    arrayFirst(x -> isIPv4String(x) OR isIPv6String(x), [(t).attributes.location.ip, (t).remoteAddress]) AS address,
    (t).attributes.location.countryName AS country,
    (t).attributes.userAgent AS agent,
    if(match((t).id, '^.{1,200}$'), (t).id, '') AS record_uid,
    arrayConcat(
        if((t).objectItem.name != '' OR (t).objectItem.id != '', [((t).objectItem.id, (t).objectItem.name, (t).objectItem.typeName)], []),
        arrayMap(x -> ((x).id, (x).name, (x).typeName), (t).associatedItems),
        if((t).affectedObject.name != '', [('', (t).affectedObject.name, (t).affectedObject.objectType)], []),
        arrayMap(x -> ('', (x).name, (x).objectType), (t).associatedObjects),
        arrayMap(x -> ((x).id, multiIf(
            (x).attributes.email != '', (x).attributes.email,
            (x).attributes.name != '', (x).attributes.name,
            (x).attributes.title != '', (x).attributes.title,
            (x).attributes.siteName != '', (x).attributes.siteName,
            (x).attributes.label), replaceRegexpOne((x).type, 's$', '')), (t).attributes.context)
    )::Array(Tuple(id String, name String, `type` String)) AS objects,
    arrayConcat(
        arrayMap(x -> ((x).fieldName, '', (x).changedFrom, (x).changedTo), if((t).objectItem.typeName = '', [], (t).changedValues)),
        arrayMap(x -> ((x).name, '', (x).oldValue, (x).newValue), if((t).objectItem.typeName = '', (t).changedValues, []))
    )::Array(Tuple(key String, i18nKey String, `from` String, `to` String)) AS changes,
    []::Array(Tuple(name String, nameI18nKey String, value String)) AS extras,
    (t).description AS text
FROM
(
    SELECT
        number,
        line,
        t,
        (t).attributes.action != '' OR (t).attributes.time != '' AS of_organisation
    FROM
    (
        SELECT
            number,
            line,
            JSONExtract(line, 'Tuple(
                id String,
                attributes Tuple(
                    time String,
                    action String,
                    userAgent String,
                    actor Tuple(id String, name String, email String, auth Tuple(tokenId String)),
                    context Array(Tuple(id String, `type` String, attributes Tuple(
                        name String, email String, title String, label String, siteName String))),
                    container Array(Tuple(id String, `type` String, attributes Tuple(siteHostName String, siteName String))),
                    location Tuple(ip String, countryName String)),
                message Tuple(content String),
                summary String,
                description String,
                remoteAddress String,
                created String,
                creationDate String,
                authorKey String,
                authorAccountId String,
                author Tuple(`type` String, displayName String, username String, accountId String),
                objectItem Tuple(id String, name String, typeName String),
                associatedItems Array(Tuple(id String, name String, typeName String)),
                affectedObject Tuple(name String, objectType String),
                associatedObjects Array(Tuple(name String, objectType String)),
                changedValues Array(Tuple(
                    fieldName String, changedFrom String, changedTo String,
                    name String, oldValue String, newValue String)))') AS t
        FROM {records}
    )
)
