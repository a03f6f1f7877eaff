-- An event of Atlassian's audit logs, from what the innermost SELECT has read of the record. What kind of event it
-- is, is told by the end of its code, spelled without marks: `jira.auditing.user.created`, `User created` and
-- `user_created` are the same. Each level names only columns of the level within it: names of the same level that
-- build on each other are multiplied out by the engine.
SELECT
    number,
    line,
    multiIf(
        (code != '' AND time_or_null IS NOT NULL AND is_object) AS is_event, '',
        -- Every branch is run on every row: what is an event is not parsed again.
        NOT isValidJSON(if(is_event, '', line)), 'not valid JSON',
        NOT is_object, 'not a JSON object',
        code = '', 'no action',
        time_text = '', 'no time',
        'the time is none') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    time_text,
    if({host:String} != '', {host:String}, site) AS host,
    class_uid,
    toUInt8(multiIf(
        class_uid = 3001 AND family.2 = 99, multiIf(switched = 'on', 2, switched = 'off', 5, 99),
        class_uid = family.1, family.2,
        class_uid = 3004, if(family.2 = 1, 3, 4),
        family.1 = 3005, family.2,
        family.1 = 3004, if(family.2 IN (1, 3, 4), family.2, 99),
        family.1 = 6001, if(family.2 IN (2, 5, 7), 2, 3),
        99)) AS activity_id,
    toUInt8(1) AS severity_id,
    toUInt8(if(failed, 2, 1)) AS status_id,
    error_text AS status_detail,
    concat(action, if(empty(objects), '', concat(': ', arrayStringConcat(arrayMap(x -> (x).name, objects), ', ')))) AS message,
    code AS event_code,
    record_uid AS event_uid,
    author.2 AS actor_user_name,
    author.1 AS actor_user_uid,
    multiIf(match(author.3, mail), author.3, match(author.2, mail), author.2, '') AS actor_user_email,
    author.4 AS actor_user_type,
    credential AS actor_credential_uid,
    address AS src_ip,
    country AS src_country,
    agent AS http_user_agent,
    if(operation = '', code, operation) AS api_operation,
    'Atlassian' AS api_service,
    user_name,
    user_uid,
    multiIf(match(mail_changed, mail), mail_changed, match(user_name, mail), user_name, '') AS user_email,
    group_name,
    (grouping).id AS group_uid,
    privileges,
    resource_type,
    resource_uid,
    resource_name,
    -- What failed made nothing. Numbers that the products give out are unique within a kind only.
    multiIf(
        failed OR NOT match(spelled, '(created|added|invited|installed|generated|create|add)(user|group)?$'), '',
        family.1 = 3001, if((person).id != '', (person).id, (person).name),
        family.1 = 3006, if(family.2 = 6, (grouping).name, ''),
        key_id != '', concat('ssh-key/', key_id),
        fingerprint != '', fingerprint,
        match(spelled, 'permission|scheme|addedto|role') OR (thing).id = '' OR has(places, resource_type), '',
        concat(resource_type, '/', (thing).id)) AS made_uid,
    if(is_search, words, script) AS query_text
FROM
(
    SELECT
        *,
        toUInt32(multiIf(
            family.1 IN (3001, 3002) AND user_name = '' AND user_uid = '', 6003,
            family.1 = 3005 AND NOT empty(privileges) AND user_name != '', 3005,
            family.1 = 3005 AND group_name != '', 3006,
            family.1 IN (3004, 3005, 6001, 6002) AND resource_name = '' AND resource_uid = '', 6003,
            family.1 = 3005, 3004,
            family.1 = 3006 AND group_name = '', 6003,
            family.1)) AS class_uid
    FROM
    (
        SELECT
            *,
            multiIf(
                (person).name != '' OR (person).id != '', if(named != '' AND family = (3001, 1), named, (person).name),
                family.1 = 3002, if(failed AND target != '', target, author.2),
                '') AS user_name,
            multiIf((person).id != '', (person).id, family.1 = 3002 AND NOT failed, author.1, '') AS user_uid,
            if((grouping).name = '', changed_group, (grouping).name) AS group_name,
            if(family.1 IN (3005, 3006), arrayFilter(x -> x != '', [granted]), []) AS privileges,
            multiIf(
                key_id != '', 'ssh-key',
                token_name != '', 'token',
                family = (6001, 5), 'search',
                family.1 = 3005 AND (thing).name = '' AND granted != '', 'permission',
                lower((thing).type)) AS resource_type,
            multiIf(
                key_id != '', concat('ssh-key/', key_id),
                token_name != '' OR family = (6001, 5), '',
                repository != '', repository,
                (thing).id) AS resource_uid,
            multiIf(
                key_id != '', key_label,
                token_name != '', token_name,
                family = (6001, 5), words,
                repository != '', repository,
                family.1 = 3005 AND (thing).name = '', granted,
                (thing).name) AS resource_name
        FROM
        (
            SELECT
                *,
                multiIf(
                    lower((thing).type) != 'repository', '',
                    match(target, '^[^/]+/[^/]+$'), concat(upper(splitByChar('/', target)[1]), '/', lower(splitByChar('/', target)[2])),
                    concat(upper(project), '/', lower((thing).name))) AS repository,
                -- The class and the activity. 3001: 1 create, 2 enable, 3 password changed, 4 reset, 5 disable,
                -- 6 delete, 99 other. 3002: 1 logon, 2 logoff. 3005: 1 assign, 2 revoke. 3006: 3 user added, 4 removed,
                -- 5 deleted, 6 created. 6001: 2 read, 5 search, 7 export. 6002: 1 install, 2 remove, 6 enable, 7 disable,
                -- 8 update. 3004: 1 create, 3 update, 4 delete, 8 enable, 9 disable.
                multiIf(
                    match(spelled, '(logout|loggedout|signedout)$'), (3002, 2),
                    match(spelled, '(authentication(success|failure|failed)|loggedin|signedin|login(success|successful|failed|failure)?(ssh)?)$'), (3002, 1),
                    match(spelled, '(addedtogroup|addedusertogroup|addedtousergroup|memberships?(added|created?)(user)?|addtogroup)$'), (3006, 3),
                    match(spelled, '(removedfromgroup|removeduserfromgroup|deletedfromusergroup|memberships?(removed|deleted?)(user)?)$'), (3006, 4),
                    match(spelled, '(group(created|added)|createdgroup)$'), (3006, 6),
                    match(spelled, '(group(deleted|removed)|deletedgroup)$'), (3006, 5),
                    match(spelled, '(user(created|added|invited)|createduser|invitedusertosite|accountcreated)$'), (3001, 1),
                    match(spelled, '(user(deleted|removed)|deleteduser)$'), (3001, 6),
                    match(spelled, '(password(changed|updated)|credentialupdated|changedpassword)$'), (3001, 3),
                    match(spelled, '(passwordreset|resetpassword)$'), (3001, 4),
                    match(spelled, '(user(activated|reactivated|enabled)|reactivateduser)$'), (3001, 2),
                    match(spelled, '(user(deactivated|disabled|suspended)|deactivateduser)$'), (3001, 5),
                    match(spelled, '(user(s?details)?(updated|renamed|changed)|usernamechanged)$'), (3001, 99),
                    match(spelled, 'permissions?(added|granted|grantrequested|requested|changed)$'), (3005, 1),
                    match(spelled, 'permissions?(removed|revoked|deleted)$'), (3005, 2),
                    match(spelled, '((plugin|app|addon)installed|installedapp)$'), (6002, 1),
                    match(spelled, '((plugin|app|addon)(uninstalled|removed)|uninstalledapp)$'), (6002, 2),
                    match(spelled, '((plugin|app|addon|module)enabled|enabledapp)$'), (6002, 6),
                    match(spelled, '((plugin|app|addon|module)disabled|disabledapp)$'), (6002, 7),
                    match(spelled, '((plugin|app|addon)(upgraded|updated)|updatedapp)$'), (6002, 8),
                    is_search AND words != '', (6001, 5),
                    match(spelled, '(viewed|accessed|downloaded|cloned|fetched|read)$') OR is_search, (6001, 2),
                    match(spelled, '(exported|export|archived|exportcreated)$'), (6001, 7),
                    match(spelled, '(created|added|installed|generated|invited|create|add|uploaded)$'), (3004, 1),
                    match(spelled, '(updated|changed|renamed|moved|edited|update|change|released|imported|import)$'), (3004, 3),
                    match(spelled, '(deleted|removed|revoked|delete|remove)$'), (3004, 4),
                    match(spelled, 'enabled$'), (3004, 8),
                    match(spelled, 'disabled$'), (3004, 9),
                    (3004, 99))::Tuple(UInt32, UInt8) AS family,
                match(spelled, '(failed|failure|unauthorized|denied)') AS failed,
                multiIf(lower(active) IN ('active', 'yes', 'true'), 'on', lower(active) IN ('inactive', 'no', 'false'), 'off', '') AS switched,
                multiIf(permission_extra != '', permission_extra, permission_changed != '', permission_changed, type_changed) AS granted
            FROM
            (
                SELECT
                    *,
                    match(spelled, 'search(performed|ed)?$') AS is_search,
                    -- The content itself rather than the project or space that it stands in.
                    if((content).type != '', content, things[1]) AS thing
                FROM
                (
                    SELECT
                        *,
                        '^[a-zA-Z0-9!#$%&*+/=?^_`{|}~.-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$' AS mail,
                        ['page', 'issue', 'space', 'project', 'repository'] AS places,
                        replaceRegexpAll(lower(code), '[^a-z0-9]', '') AS spelled,
                        arrayFirst(x -> lower((x).type) IN ('user', 'appuser', 'account'), objects) AS person,
                        arrayFirst(x -> lower((x).type) = 'group', objects) AS grouping,
                        arrayFilter(x -> lower((x).type) NOT IN ('user', 'appuser', 'account', 'group'), objects) AS things,
                        arrayFirst(x -> lower((x).type) IN ('page', 'blogpost', 'blog', 'issue', 'repository', 'attachment'), objects) AS content,
                        arrayFirst(x -> lower((x).type) = 'project', objects).name AS project,
                        arrayFirst(x -> endsWith((x).nameI18nKey, '.legacy.target') OR (x).name = 'target', extras).value AS target,
                        arrayFirst(x -> match((x).nameI18nKey, '(sshkey|accesskey|\\.key)\\.id$') OR (x).name = 'Key ID', extras).value AS key_id,
                        arrayFirst(x -> endsWith((x).nameI18nKey, 'key.label') OR (x).name = 'Label', extras).value AS key_label,
                        arrayFirst(x -> endsWith((x).nameI18nKey, '.fingerprint') OR (x).name = 'Fingerprint', extras).value AS fingerprint,
                        arrayFirst(x -> (x).name IN ('Token Name', 'Token name') OR match((x).nameI18nKey, 'token.*\\.name$'), extras).value AS token_name,
                        arrayFirst(x -> match((x).nameI18nKey, '(^|[._])query$') OR (x).name IN ('Query', 'JQL query', 'Search query'), extras).value AS words,
                        arrayFirst(x -> endsWith((x).nameI18nKey, '.script') OR (x).name = 'Script', extras).value AS script,
                        arrayFirst(x -> endsWith((x).nameI18nKey, '.error') OR (x).name = 'Error', extras).value AS error_text,
                        arrayFirst(x -> endsWith((x).nameI18nKey, '.permission') OR (x).name = 'Permission', extras).value AS permission_extra,
                        arrayFirst(x -> lower((x).key) = 'permission', changes).to AS permission_changed,
                        arrayFirst(x -> lower((x).key) = 'type', changes).to AS type_changed,
                        arrayFirst(x -> lower((x).key) = 'email', changes).to AS mail_changed,
                        arrayFirst(x -> lower((x).key) = 'username', changes).to AS named,
                        arrayFirst(x -> lower((x).key) = 'group', changes).to AS changed_group,
                        arrayFirst(x -> lower((x).key) IN ('active / inactive', 'active'), changes).to AS active
                    FROM
                    (
{shape}
                    )
                )
            )
        )
    )
)
