-- HashiCorp Vault's audit device: an entry for each request and one for each response. Values that are secret are
-- HMACs (hmac-sha256:...), which stay equal for equal values, so that a token's accessor links its making to its use.
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND (t).type IN ('request', 'response')) AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        (t).type NOT IN ('request', 'response'), 'neither request nor response',
        (t).time = '', 'no time',
        'the time is none') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    (t).time AS time_text,
    {host:String} AS host,
    toUInt32(if(is_login AND who != '', 3002, 6003)) AS class_uid,
    toUInt8(multiIf(
        is_login AND who != '', 1,
        makes, 1,
        (t).request.operation IN ('read', 'list', 'help', 'header'), 2,
        (t).request.operation IN ('update', 'patch', 'renew', 'rollback', 'alias-lookahead', 'resolve-role'), 3,
        (t).request.operation IN ('delete', 'revoke'), 4,
        (t).request.operation = 'create', 1,
        99)) AS activity_id,
    toUInt8(1) AS severity_id,
    -- A request says only that something was asked for, unless it was refused.
    toUInt8(multiIf(failed, 2, (t).type = 'request', 0, 1)) AS status_id,
    (t).error AS status_detail,
    concat((t).request.operation, ' ', full_path) AS message,
    concat((t).type, '.', (t).request.operation) AS event_code,
    concat((t).request.id, ':', (t).type) AS event_uid,
    (t).request.id AS correlation_uid,
    who AS actor_user_name,
    if((t).auth.entity_id = '', (t).response.auth.entity_id, (t).auth.entity_id) AS actor_user_uid,
    multiIf(who = '', '', (t).auth.token_type = '' OR is_login, (t).response.auth.token_type, (t).auth.token_type) AS actor_user_type,
    if((t).auth.accessor = '', (t).request.client_token_accessor, (t).auth.accessor) AS actor_credential_uid,
    (t).request.client_id AS actor_app_name,
    if(isIPv4String((t).request.remote_address) OR isIPv6String((t).request.remote_address), (t).request.remote_address, '') AS src_ip,
    toUInt16OrZero((t).request.remote_port) AS src_port,
    if({host:String} != '' AND is_login, {host:String}, '') AS dst_hostname,
    if(notEmpty(tupleElement((t).request.headers, 'user-agent')), tupleElement((t).request.headers, 'user-agent')[1], '') AS http_user_agent,
    (t).request.operation AS api_operation,
    'Vault' AS api_service,
    if(is_login AND who != '', who, '') AS user_name,
    if((t).auth.policies = [], (t).response.auth.policies, (t).auth.policies) AS privileges,
    if((t).request.mount_type = '', 'path', (t).request.mount_type) AS resource_type,
    full_path AS resource_name,
    -- What a response hands out: a token by its accessor, a wrapped answer, a credential with a lease.
    multiIf(
        failed OR (t).type != 'response', '',
        (t).response.auth.accessor != '', (t).response.auth.accessor,
        (t).response.wrap_info.accessor != '', (t).response.wrap_info.accessor,
        (t).response.secret.lease_id != '', (t).response.secret.lease_id,
        '') AS made_uid,
    if(is_login, (t).request.mount_type, '') AS auth_protocol
FROM
(
    SELECT
        number,
        line,
        t,
        startsWith(trimLeft(line), '{') AS is_object,
        if(match((t).time, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'), parseDateTime64BestEffortOrNull((t).time, 3, 'UTC'), NULL) AS time_or_null,
        match((t).request.path, '^auth/.+/login(/|$)') AS is_login,
        match((t).request.path, '^auth/token/create') AND (t).request.operation IN ('update', 'create') AS makes,
        (t).error != '' OR (t).auth.policy_results.allowed = 'false' AS failed,
        if((t).auth.display_name = '', (t).response.auth.display_name, (t).auth.display_name) AS who,
        concat((t).request.namespace.path, (t).request.path) AS full_path
    FROM
    (
        SELECT
            number,
            line,
            JSONExtract(line, 'Tuple(
                time String,
                `type` LowCardinality(String),
                error String,
                auth Tuple(
                    accessor String,
                    display_name String,
                    entity_id String,
                    policies Array(String),
                    policy_results Tuple(allowed String),
                    token_type String),
                request Tuple(
                    id String,
                    client_id String,
                    client_token_accessor String,
                    headers Tuple(`user-agent` Array(String)),
                    mount_type String,
                    namespace Tuple(path String),
                    operation String,
                    path String,
                    remote_address String,
                    remote_port String),
                response Tuple(
                    auth Tuple(
                        accessor String,
                        display_name String,
                        entity_id String,
                        policies Array(String),
                        token_type String),
                    secret Tuple(lease_id String),
                    wrap_info Tuple(accessor String)))') AS t
        FROM {records}
    )
)
