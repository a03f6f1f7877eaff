-- Sign-ins through Cloudflare Access, in three shapes: Logpush (AppDomain), the API's list (app_domain), and the groups
-- of the GraphQL analytics (`dimensions`), the documented place of sign-ins without a person. Logpush writes times as
-- RFC 3339, as seconds or as nanoseconds since 1970, by the job's settings.
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND (action != '' OR login != '')) AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        action = '' AND login = '', 'no action',
        time_text = '', 'no time',
        'the time is none') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    time_text,
    {host:String} AS host,
    toUInt32(if(who != '' OR user_uid != '', 3002, 6003)) AS class_uid,
    toUInt8(multiIf(who = '' AND user_uid = '', 99, action = 'logout', 2, 1)) AS activity_id,
    toUInt8(if(allowed = 'false', 3, 1)) AS severity_id,
    toUInt8(transform(allowed, ['true', 'false'], [1, 2], 0)) AS status_id,
    transform(allowed, ['true', 'false'], ['allowed', 'denied'], '') AS status_code,
    concat(if(action = '', 'login', action), ' ', app) AS message,
    if(action = '', 'login', action) AS event_code,
    ray AS event_uid,
    ray AS correlation_uid,
    who AS actor_user_name,
    user_uid AS actor_user_uid,
    if(match(who, mail), who, '') AS actor_user_email,
    multiIf(by_token, 'ServiceToken', who = '' AND user_uid = '', '', 'User') AS actor_user_type,
    if(by_token, if(token = '', who, token), '') AS actor_credential_uid,
    if(isIPv4String(address) OR isIPv6String(address), address, '') AS src_ip,
    upper(country) AS src_country,
    splitByChar('/', replaceRegexpOne(app, '^https?://', ''))[1] AS dst_hostname,
    if(app = '', '', concat(if(match(app, '^https?://'), '', 'https://'), app)) AS http_url,
    event_code AS api_operation,
    'Cloudflare Access' AS api_service,
    who AS user_name,
    user_uid,
    if(match(who, mail), who, '') AS user_email,
    if(app = '' AND app_uid = '', '', 'application') AS resource_type,
    app_uid AS resource_uid,
    app AS resource_name,
    connection AS auth_protocol
FROM
(
    SELECT
        *,
        -- For a token there is no person: its name stands where the address of one would, or only its id is known.
        match(connection, '^(service[ _-]?token|non[ _-]?identity)$') OR token != '' AS by_token,
        if(mail_or_name != '', mail_or_name, token) AS who,
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
            coalesce(nullIf((t).CreatedAt, ''), nullIf((t).created_at, ''), nullIf((t).dimensions.datetime, ''), '') AS time_text,
            if((t).Action = '', (t).action, (t).Action) AS action,
            transform((t).dimensions.isSuccessfulLogin, ['1', '0', 'true', 'false'], ['true', 'false', 'true', 'false'], '') AS login,
            multiIf((t).Allowed != '', (t).Allowed, (t).allowed != '', (t).allowed, login) AS allowed,
            if((t).AppDomain = '', (t).app_domain, (t).AppDomain) AS app,
            coalesce(nullIf((t).AppUUID, ''), nullIf((t).app_uid, ''), (t).dimensions.appId) AS app_uid,
            lower(coalesce(nullIf((t).Connection, ''), nullIf((t).connection, ''), (t).dimensions.identityProvider)) AS connection,
            coalesce(nullIf((t).Country, ''), nullIf((t).country, ''), (t).dimensions.country) AS country,
            if((t).Email = '', (t).user_email, (t).Email) AS mail_or_name,
            if((t).UserUID = '', (t).dimensions.userUuid, (t).UserUID) AS user_uid,
            (t).dimensions.serviceTokenId AS token,
            coalesce(nullIf((t).IPAddress, ''), nullIf((t).ip_address, ''), (t).dimensions.ipAddress) AS address,
            coalesce(nullIf((t).RayID, ''), nullIf((t).ray_id, ''), (t).dimensions.cfRayId) AS ray
        FROM
        (
            SELECT
                number,
                line,
                JSONExtract(line, 'Tuple(
                    Action String, Allowed String, AppDomain String, AppUUID String, Connection String, Country String,
                    CreatedAt String, Email String, IPAddress String, RayID String, UserUID String,
                    action String, allowed String, app_domain String, app_uid String, connection String, country String,
                    created_at String, user_email String, ip_address String, ray_id String,
                    dimensions Tuple(
                        datetime String, isSuccessfulLogin String, appId String, identityProvider String, country String,
                        userUuid String, serviceTokenId String, ipAddress String, cfRayId String))') AS t
            FROM {records}
        )
    )
)
