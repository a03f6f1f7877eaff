-- GitHub's audit log: events of the web, of the API and of git, as streamed, exported or answered by the REST API. The
-- time is in milliseconds since 1970; in exports as CSV-like JSON it may be ISO 8601.
WITH
    ['org.add_member', 'org.remove_member', 'org.invite_member', 'team.add_member', 'team.remove_member', 'team.create',
     'team.destroy', 'team.add_repository', 'team.remove_repository', 'team.update_repository_permission',
     'repo.add_member', 'repo.remove_member', 'repo.update_member', 'user.login', 'user.failed_login', 'user.logout',
     'org.sso_response', 'business.sso_response', 'two_factor_authentication.enabled', 'two_factor_authentication.disabled',
     'git.clone', 'git.fetch', 'git.push', 'repo.download_zip', 'code.search', 'repo.create', 'repo.destroy'] AS names,
    -- 3006: 1 privileges assigned, 2 revoked, 3 user added, 4 removed, 5 deleted, 6 created. 3005: 1 assigned, 2 revoked.
    -- 3002: 1 logon, 2 logoff. 3001: 10 MFA on, 11 off. 6001: 1 create, 2 read, 3 update, 4 delete, 5 search, 7 export.
    [(3006, 3), (3006, 4), (3006, 3), (3006, 3), (3006, 4), (3006, 6),
     (3006, 5), (3006, 1), (3006, 2), (3006, 1),
     (3005, 1), (3005, 2), (3005, 1), (3002, 1), (3002, 1), (3002, 2),
     (3002, 1), (3002, 1), (3001, 10), (3001, 11),
     (6001, 2), (6001, 2), (6001, 3), (6001, 7), (6001, 5), (6001, 1), (6001, 4)] AS kinds
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND (t).action != '') AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        (t).action = '', 'no action',
        time_text = '', 'no time',
        'the time is none') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    time_text,
    if({host:String} != '', {host:String}, if((t).org = '', (t).business, (t).org)) AS host,
    toUInt32(class_number) AS class_uid,
    toUInt8(multiIf(
        class_uid = kind.1, kind.2,
        verb = 'make', 1,
        verb = 'read', 2,
        verb = 'change', 3,
        verb = 'remove', 4,
        99)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(multiIf(
        failed, 2,
        (t).status_code != '' AND toUInt16OrZero((t).status_code) >= 400, 2,
        1)) AS status_id,
    (t).status_code AS status_code,
    if(failed, (t).explanation, '') AS status_detail,
    concat((t).action, if(repository = '', '', concat(' ', repository)), if(whom = '', '', concat(' ', whom)), if((t).message = '', '', concat(': ', (t).message))) AS message,
    (t).action AS event_code,
    (t)._document_id AS event_uid,
    (t).request_id AS correlation_uid,
    if(who = '', (t).external_identity_username, who) AS actor_user_name,
    (t).actor_id AS actor_user_uid,
    if(match((t).external_identity_nameid, mail), (t).external_identity_nameid, '') AS actor_user_email,
    multiIf((t).actor_is_bot = 'true', 'Bot', (t).programmatic_access_type != '', (t).programmatic_access_type, 'User') AS actor_user_type,
    multiIf(is_token_event, '', (t).token_id != '', concat('token/', (t).token_id), (t).hashed_token) AS actor_credential_uid,
    multiIf((t).oauth_application_name != '', (t).oauth_application_name, (t).integration != '', (t).integration, (t).application_client_id) AS actor_app_name,
    if(isIPv4String((t).actor_ip) OR isIPv6String((t).actor_ip), (t).actor_ip, '') AS src_ip,
    (t).actor_location.country_code AS src_country,
    if(has(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'], (t).request_method), (t).request_method, '') AS http_method,
    concat((t).url_path, if((t).query_string = '', '', concat('?', (t).query_string))) AS http_url,
    (t).user_agent AS http_user_agent,
    toUInt16OrZero((t).status_code) AS http_status,
    (t).action AS api_operation,
    'GitHub' AS api_service,
    whom AS user_name,
    if(whom = (t).user, (t).user_id, '') AS user_uid,
    if(match((t).invitee_email, mail), (t).invitee_email, if(match((t).email, mail), (t).email, '')) AS user_email,
    grouping AS group_name,
    privileges,
    kind_of_thing AS resource_type,
    if(kind_of_thing = 'repository', repository, thing_uid) AS resource_uid,
    if(kind_of_thing = 'repository', repository, if(thing_name = '', thing_uid, thing_name)) AS resource_name,
    -- A number is unique within its kind only.
    multiIf(
        failed OR NOT (verb = 'make' OR verb = 'renew'), '',
        (t).action IN ('org.add_member', 'org.invite_member', 'repo.add_member', 'team.add_member', 'team.add_repository'), '',
        match((t).action, '^(deploy_key|public_key|gpg_key|ssh_certificate)') AND fingerprint != '', fingerprint,
        is_token_event AND (t).token_id != '', concat('token/', (t).token_id),
        startsWith((t).action, 'hook.') AND (t).hook_id != '', concat('hook/', (t).hook_id),
        startsWith((t).action, 'oauth_application') AND (t).oauth_application_id != '', concat('app/', (t).oauth_application_id),
        startsWith((t).action, 'integration') AND (t).integration != '', concat('integration/', (t).integration),
        (t).action = 'team.create', grouping,
        '') AS made_uid,
    multiIf((t).action = 'code.search', (t).query, (t).query_text) AS query_text
FROM
(
    SELECT
        *,
        multiIf(
            kind.1 = 3006 AND grouping = '', 6003,
            kind.1 = 3005 AND (empty(privileges) OR whom = ''), if(repository = '', 6003, 3004),
            kind.1 IN (3001, 3002) AND user_or_actor = '', 6003,
            kind.1 = 6001 AND repository = '' AND (t).query = '', 6003,
            kind.1 != 0, kind.1,
            thing_uid != '' OR thing_name != '' OR repository != '', 3004,
            6003) AS class_number
    FROM
    (
        SELECT
            *,
            if(whom = '', who, whom) AS user_or_actor,
            multiIf(
                is_key_event, 'key',
                is_token_event, 'token',
                startsWith((t).action, 'hook.'), 'webhook',
                startsWith((t).action, 'oauth_application'), 'oauth-app',
                startsWith((t).action, 'integration'), 'integration',
                repository != '', 'repository',
                (t).action = 'code.search', 'search',
                '') AS kind_of_thing,
            multiIf(
                is_key_event, fingerprint,
                is_token_event AND (t).token_id != '', concat('token/', (t).token_id),
                startsWith((t).action, 'hook.') AND (t).hook_id != '', concat('hook/', (t).hook_id),
                startsWith((t).action, 'oauth_application') AND (t).oauth_application_id != '', concat('app/', (t).oauth_application_id),
                '') AS thing_uid,
            multiIf(
                is_key_event, if((t).title = '', (t).key, (t).title),
                is_token_event, if((t).user_programmatic_access_name = '', (t).name, (t).user_programmatic_access_name),
                startsWith((t).action, 'hook.'), if((t).config.url = '', (t).name, (t).config.url),
                startsWith((t).action, 'oauth_application'), (t).oauth_application_name,
                startsWith((t).action, 'integration'), if((t).integration = '', (t).name, (t).integration),
                (t).action = 'code.search', (t).query,
                '') AS thing_name
        FROM
        (
            SELECT
                *,
                multiIf(
                    kind.1 = 3002, if((t).user = '', who, (t).user),
                    (t).invitee != '', (t).invitee,
                    (t).user != '' AND ((t).user != who OR kind.1 IN (3001, 3005, 3006)), (t).user,
                    (t).target_login != '', (t).target_login,
                    '') AS whom,
                if((t).team != '', (t).team, if(startsWith((t).action, 'org.') AND kind.1 = 3006, (t).org, '')) AS grouping,
                if(kind.1 IN (3005, 3006), arrayFilter(x -> x != '', [if((t).permission = '', if(kind.1 = 3005, (t).visibility, ''), (t).permission)]), []) AS privileges
            FROM
            (
                SELECT
                    number,
                    line,
                    t,
                    time_text,
                    (transform((t).action, names, kinds.1, 0), transform((t).action, names, kinds.2, 0)) AS kind,
                    '^[a-zA-Z0-9!#$%&*+/=?^_`{|}~.-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$' AS mail,
                    startsWith(trimLeft(line), '{') AS is_object,
                    (t).actor AS who,
                    if((t).repo = '', (t).repository, (t).repo) AS repository,
                    if((t).deploy_key_fingerprint != '', (t).deploy_key_fingerprint, (t).fingerprint) AS fingerprint,
                    (t).action IN ('user.failed_login', 'org.sso_response_failed') OR match((t).action, '(failed|rejected|denied)') AS failed,
                    match((t).action, '^(personal_access_token|oauth_access|oauth_authorization|org_credential_authorization)\\.') AS is_token_event,
                    match((t).action, '^(deploy_key|public_key|gpg_key|ssh_certificate_authority)\\.') AS is_key_event,
                    multiIf(
                        match((t).action, '(^|[._])(create|created|add|invite|grant|granted|generate|install|register|enable|authorize|approved)(_|$)'), 'make',
                        match((t).action, '(regenerate|rotate|reset)'), 'renew',
                        match((t).action, '(^|[._])(destroy|delete|deleted|remove|revoke|uninstall|disable|cancel)(_|$)'), 'remove',
                        match((t).action, '(^|[._])(update|updated|change|changed|edit|rename|transfer|merge|push|access|set)(_|$)'), 'change',
                        match((t).action, '(^|[._])(clone|fetch|download|read|view|export|list|search|request)(_|$)'), 'read',
                        '') AS verb,
                    multiIf(
                        match(time_text, '^[0-9]{12,13}$'),
                            fromUnixTimestamp64Milli(least(toInt64OrZero(time_text), 10413791999999), 'UTC'),
                        match(time_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'),
                            parseDateTime64BestEffortOrNull(time_text, 3, 'UTC'),
                        NULL) AS time_or_null
                FROM
                (
                    SELECT
                        number,
                        line,
                        if(tupleElement(t, '@timestamp') != '', tupleElement(t, '@timestamp'), (t).created_at) AS time_text,
                        JSONExtract(line, 'Tuple(
                            `@timestamp` String, created_at String, _document_id String, action LowCardinality(String), actor String,
                            actor_id String, actor_ip String, actor_is_bot String, actor_location Tuple(country_code String),
                            application_client_id String, business String, config Tuple(url String),
                            deploy_key_fingerprint String, email String, explanation String,
                            external_identity_nameid String, external_identity_username String, fingerprint String,
                            hashed_token String, hook_id String, integration String, invitee String, invitee_email String,
                            key String, message String, name String, oauth_application_id String,
                            oauth_application_name String, org String, permission String, programmatic_access_type String,
                            query String, query_string String, query_text String, repo String, repository String,
                            request_id String, request_method String, status_code String, target_login String, team String,
                            title String, token_id String, url_path String, user String, user_agent String, user_id String,
                            user_programmatic_access_name String, visibility String)') AS t
                    FROM {records}
                )
            )
        )
    )
)
