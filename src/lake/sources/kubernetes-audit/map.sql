-- Audit events of the Kubernetes API server (audit.k8s.io). A request may have several: when it was received, when a
-- long answer began, when it was complete. Only the later ones say what became of it.
SELECT
    number,
    line,
    multiIf(
        (time_or_null IS NOT NULL AND is_object AND (t).verb != '') AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        (t).verb = '', 'no verb',
        time_text = '', 'no time',
        'the time is none') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    time_text,
    {host:String} AS host,
    toUInt32(6003) AS class_uid,
    toUInt8(multiIf(
        (t).verb IN ('create', 'post'), 1,
        (t).verb IN ('get', 'list', 'watch'), 2,
        (t).verb IN ('update', 'patch', 'put'), 3,
        (t).verb IN ('delete', 'deletecollection'), 4,
        99)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(status) AS status_id,
    if(code = 0, '', toString(code)) AS status_code,
    if((t).responseStatus.message != '', (t).responseStatus.message, tupleElement((t).annotations, 'authorization.k8s.io/reason')) AS status_detail,
    concat((t).verb, ' ', if(resource = '', (t).requestURI, concat(resource, ' ', full_name))) AS message,
    trimRight(concat((t).verb, ' ', resource)) AS event_code,
    concat((t).auditID, ':', (t).stage) AS event_uid,
    (t).auditID AS correlation_uid,
    if((t).stageTimestamp = '' OR (t).stageTimestamp = time_text, NULL, parseDateTime64BestEffortOrNull((t).stageTimestamp, 3, 'UTC')) AS logged_time,
    (t).user.username AS actor_user_name,
    (t).user.uid AS actor_user_uid,
    if(match((t).user.username, mail), (t).user.username, '') AS actor_user_email,
    multiIf(
        (t).user.username = '', '',
        startsWith((t).user.username, 'system:serviceaccount:'), 'ServiceAccount',
        startsWith((t).user.username, 'system:node:'), 'Node',
        startsWith((t).user.username, 'system:'), 'System',
        'User') AS actor_user_type,
    tupleElement((t).user.extra, 'authentication.kubernetes.io/credential-id')[1] AS actor_credential_uid,
    -- Of the addresses that proxies name, the first is the client's.
    arrayFirst(x -> isIPv4String(x) OR isIPv6String(x), (t).sourceIPs) AS src_ip,
    (t).requestURI AS http_url,
    (t).userAgent AS http_user_agent,
    toUInt16(if(code BETWEEN 1 AND 999, code, 0)) AS http_status,
    (t).verb AS api_operation,
    if((t).objectRef.apiGroup = '', if(resource = '', 'kubernetes', 'core'), (t).objectRef.apiGroup) AS api_service,
    multiIf(
        (t).impersonatedUser.username != '', (t).impersonatedUser.username,
        account != '', account,
        (subject).kind = 'ServiceAccount', concat('system:serviceaccount:', if((subject).namespace = '', (t).objectRef.namespace, (subject).namespace), ':', (subject).name),
        (subject).kind = 'User', (subject).name,
        '') AS user_name,
    if((subject).kind = 'Group', (subject).name, '') AS group_name,
    if((t).requestObject.roleRef.name = '', [], [concat((t).requestObject.roleRef.kind, '/', (t).requestObject.roleRef.name)]) AS privileges,
    resource AS resource_type,
    if((t).objectRef.uid != '', (t).objectRef.uid, (t).responseObject.metadata.uid) AS resource_uid,
    full_name AS resource_name,
    -- A service account acts under this name; other things are known by their id.
    multiIf(
        status != 1 OR (t).verb NOT IN ('create', 'post'), '',
        resource = 'serviceaccounts/token', tupleElement((t).annotations, 'authentication.kubernetes.io/issued-credential-id'),
        resource LIKE '%/%' OR name = '', '',
        account != '', account,
        (t).responseObject.metadata.uid != '', (t).responseObject.metadata.uid,
        concat(resource, '/', full_name)) AS made_uid,
    if((t).objectRef.subresource = 'exec', decodeURLFormComponent(arrayStringConcat(extractAll((t).requestURI, '[?&]command=([^&]*)'), ' ')), '') AS process_cmd_line
FROM
(
    SELECT
        *,
        multiIf((t).stage = 'RequestReceived' OR code = 0, 0, code < 400, 1, 2) AS status,
        if(match(resource, '^serviceaccounts(/token)?$') AND name != '', concat('system:serviceaccount:', (t).objectRef.namespace, ':', name), '') AS account,
        -- Without a name it is about all of them.
        if(resource = '', '', concat((t).objectRef.namespace, if((t).objectRef.namespace = '', '', '/'), if(name = '', '*', name))) AS full_name,
        if(match(time_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'), parseDateTime64BestEffortOrNull(time_text, 3, 'UTC'), NULL) AS time_or_null,
        (t).requestObject.subjects[1] AS subject
    FROM
    (
        SELECT
            number,
            line,
            t,
            '^[a-zA-Z0-9!#$%&*+/=?^_`{|}~.-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$' AS mail,
            startsWith(trimLeft(line), '{') AS is_object,
            (t).responseStatus.code AS code,
            concat((t).objectRef.resource, if((t).objectRef.subresource = '', '', '/'), (t).objectRef.subresource) AS resource,
            if((t).objectRef.name != '', (t).objectRef.name, if((t).responseObject.metadata.name != '', (t).responseObject.metadata.name, (t).requestObject.metadata.name)) AS name,
            arrayFirst(x -> x != '', [(t).requestReceivedTimestamp, (t).stageTimestamp, (t).timestamp]) AS time_text
        FROM
        (
            SELECT
                number,
                line,
                JSONExtract(line, 'Tuple(
                    auditID String,
                    stage LowCardinality(String),
                    requestURI String,
                    verb String,
                    user Tuple(
                        username String,
                        uid String,
                        extra Tuple(`authentication.kubernetes.io/credential-id` Array(String))),
                    impersonatedUser Tuple(username String),
                    sourceIPs Array(String),
                    userAgent String,
                    objectRef Tuple(
                        resource String, namespace String, name String, uid String, apiGroup String, subresource String),
                    responseStatus Tuple(code UInt32, message String),
                    requestObject Tuple(
                        metadata Tuple(name String),
                        roleRef Tuple(kind String, name String),
                        subjects Array(Tuple(kind String, name String, namespace String))),
                    responseObject Tuple(metadata Tuple(name String, uid String)),
                    requestReceivedTimestamp String,
                    stageTimestamp String,
                    timestamp String,
                    annotations Tuple(
                        `authorization.k8s.io/reason` String,
                        `authentication.kubernetes.io/issued-credential-id` String))') AS t
            FROM {records}
        )
    )
)
