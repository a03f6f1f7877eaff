-- Audit logs of a Cloudflare account, versions 1 and 2, as Logpush delivers them (ActionType) and as the API answers
-- them (action.type). A token is named the same where it is made and where it is used.
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND action != '') AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        action = '', 'no type of action',
        time_text = '', 'no time',
        'the time is none') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    time_text,
    {host:String} AS host,
    class_uid,
    toUInt8(multiIf(
        class_uid = 3002, if(spelled LIKE '%logout%', 2, 1),
        match(spelled, '(create|created|add|added|invite|upload|post|put)'), 1,
        match(spelled, '(delete|deleted|remove|removed|revoke|purge)'), 4,
        match(spelled, '(update|change|edit|patch|rotate|roll|set|modify)'), 3,
        match(spelled, '(view|viewed|read|get|list|download)'), 2,
        99)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(multiIf(lower(result) IN ('true', 'success'), 1, lower(result) IN ('false', 'failure', 'fail', 'error'), 2, 0)) AS status_id,
    result AS status_code,
    concat(action, ' ', resource_type, if(description = '', '', concat(': ', description))) AS message,
    action AS event_code,
    record_uid AS event_uid,
    ray AS correlation_uid,
    if(actor_mail = '', actor_token_name, actor_mail) AS actor_user_name,
    actor_uid AS actor_user_uid,
    if(match(actor_mail, mail), actor_mail, '') AS actor_user_email,
    actor_kind AS actor_user_type,
    if(actor_token = '', '', concat('token/', actor_token)) AS actor_credential_uid,
    context AS actor_invoked_by,
    if(isIPv4String(address) OR isIPv6String(address), address, '') AS src_ip,
    if(has(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], upper(method)), upper(method), '') AS http_method,
    uri AS http_url,
    agent AS http_user_agent,
    toUInt16OrZero(status) AS http_status,
    action AS api_operation,
    'Cloudflare' AS api_service,
    account AS cloud_account_uid,
    multiIf(class_uid = 3002, if(actor_mail = '', actor_uid, actor_mail), whom) AS user_name,
    if(class_uid = 3002, actor_uid, '') AS user_uid,
    if(match(user_name, mail), user_name, '') AS user_email,
    resource_type,
    resource_uid,
    resource_name,
    if(resource_uid != '' AND lower(result) NOT IN ('false', 'failure', 'fail', 'error') AND match(spelled, '(create|created|add|added|invite|upload|roll|rotate)'),
        if(lower(resource_type) LIKE '%token%', concat('token/', resource_uid), resource_uid), '') AS made_uid
FROM
(
    SELECT
        *,
        toUInt32(multiIf(
            match(spelled, '^(login|logout|loginfailure)$') AND (actor_mail != '' OR actor_uid != ''), 3002,
            resource_uid != '' OR resource_name != '', 3004,
            6003)) AS class_uid
    FROM
    (
        SELECT
            *,
            replaceRegexpAll(lower(action), '[^a-z0-9]', '') AS spelled,
            multiIf(
                match(time_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'), parseDateTime64BestEffortOrNull(time_text, 3, 'UTC'),
                match(time_text, '^[1-8][0-9]{18}$'), fromUnixTimestamp64Milli(intDiv(toInt64OrZero(time_text), 1000000), 'UTC'),
                match(time_text, '^[0-9]{9,10}$'), fromUnixTimestamp64Milli(toInt64OrZero(time_text) * 1000, 'UTC'),
                NULL) AS time_or_null
        FROM
        (
            SELECT
                number,
                line,
                '^[a-zA-Z0-9!#$%&*+/=?^_`{|}~.-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$' AS mail,
                startsWith(trimLeft(line), '{') AS is_object,
                arrayFirst(x -> x != '', [(t).ActionType, (t).action.type]) AS action,
                arrayFirst(x -> x != '', [(t).ActionResult, (t).action.result]) AS result,
                arrayFirst(x -> x != '', [(t).ActionDescription, (t).action.description, (t).action.info]) AS description,
                arrayFirst(x -> x != '', [(t).When, (t).ActionTimestamp, tupleElement(t, 'when'), (t).action.time]) AS time_text,
                arrayFirst(x -> x != '', [(t).ActorEmail, (t).actor.email]) AS actor_mail,
                arrayFirst(x -> x != '', [(t).ActorID, (t).actor.id]) AS actor_uid,
                arrayFirst(x -> x != '', [(t).ActorType, (t).actor.type]) AS actor_kind,
                arrayFirst(x -> x != '', [(t).ActorIP, (t).ActorIPAddress, (t).actor.ip, (t).actor.ip_address]) AS address,
                arrayFirst(x -> x != '', [(t).ActorTokenDetails.id, (t).ActorTokenDetails.token_id, (t).actor.token_id]) AS actor_token,
                arrayFirst(x -> x != '', [(t).ActorTokenDetails.name, (t).ActorTokenDetails.token_name, (t).actor.token_name]) AS actor_token_name,
                arrayFirst(x -> x != '', [(t).ActorContext, (t).actor.context, (t).Interface, (t).interface]) AS context,
                arrayFirst(x -> x != '', [(t).ID, (t).AuditLogID, (t).id]) AS record_uid,
                arrayFirst(x -> x != '', [(t).ResourceID, (t).resource.id]) AS resource_uid,
                arrayFirst(x -> x != '', [(t).ResourceType, (t).resource.type]) AS resource_type,
                arrayFirst(x -> x != '', [(t).Metadata.name, (t).metadata.name, (t).Metadata.token_name, (t).NewValue.name, (t).newValueJson.name, (t).ZoneName, (t).zone.name]) AS resource_name,
                arrayFirst(x -> x != '', [(t).Metadata.user_email, (t).metadata.user_email, (t).Metadata.email, (t).metadata.email, (t).NewValue.email]) AS whom,
                arrayFirst(x -> x != '', [(t).AccountID, (t).account.id, (t).OwnerID, (t).owner.id]) AS account,
                arrayFirst(x -> x != '', [(t).Raw.cf_ray_id, (t).raw.cf_ray_id]) AS ray,
                arrayFirst(x -> x != '', [(t).Raw.method, (t).raw.method]) AS method,
                arrayFirst(x -> x != '', [(t).Raw.uri, (t).raw.uri]) AS uri,
                arrayFirst(x -> x != '', [(t).Raw.user_agent, (t).raw.user_agent]) AS agent,
                arrayFirst(x -> x != '', [(t).Raw.status_code, (t).raw.status_code]) AS status
            FROM
            (
                SELECT
                    number,
                    line,
                    JSONExtract(line, 'Tuple(
                        ActionType String, ActionResult String, ActionDescription String, ActionTimestamp String, When String,
                        ActorEmail String, ActorID String, ActorType String, ActorIP String, ActorIPAddress String,
                        ActorContext String, ActorTokenDetails Tuple(id String, name String, token_id String, token_name String),
                        ID String, AuditLogID String, Interface String, AccountID String, OwnerID String, ZoneName String,
                        ResourceID String, ResourceType String,
                        Metadata Tuple(name String, token_name String, email String, user_email String),
                        NewValue Tuple(name String, email String),
                        Raw Tuple(cf_ray_id String, method String, uri String, user_agent String, status_code String),
                        id String, `when` String, interface String,
                        action Tuple(`type` String, result String, description String, info String, time String),
                        actor Tuple(email String, id String, `type` String, ip String, ip_address String, context String,
                            token_id String, token_name String),
                        resource Tuple(id String, `type` String),
                        metadata Tuple(name String, email String, user_email String),
                        newValueJson Tuple(name String),
                        owner Tuple(id String), account Tuple(id String), zone Tuple(name String),
                        raw Tuple(cf_ray_id String, method String, uri String, user_agent String, status_code String))') AS t
                FROM {records}
            )
        )
    )
)
