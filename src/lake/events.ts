/**
 * The columns of an event: OCSF 1.8 attributes, flattened and snake-cased, and beside them the record as it
 * came. A source's `map.sql` names those it fills; the others keep their defaults. `ocsf` is where the
 * column stands in an OCSF event (schema.ocsf.io/1.8.0); columns without one are ours.
 */

/** How a column is stored, and where it stands in an OCSF event. */
export interface EventColumn {
  /** A ClickHouse type. */
  type: string;
  /** A path in the OCSF event, `[0]` for the first of a list; absent for what is ours alone. */
  ocsf?: string;
  about?: string;
}

const text = 'String';
const few = 'LowCardinality(String)';

/** Filled by the ingest itself, never by a map.sql. */
export const originColumns = {
  file_id: { type: 'FixedString(64)', about: 'SHA-256 of the file as delivered, in hexadecimal' },
  line: { type: 'UInt64', about: 'the number of the record in its file, from 1' },
  source: { type: few, about: 'the id of the source' },
  raw: { type: 'String CODEC(ZSTD(3))', about: 'the record as it came' },
} as const satisfies Record<string, EventColumn>;

/** What a map.sql may fill. Empty text and 0 mean that the record does not say. */
export const mappedColumns = {
  time: { type: "DateTime64(3, 'UTC')", ocsf: 'time', about: 'when it happened' },
  time_text: { type: text, about: 'the time as the source wrote it' },
  host: { type: few, ocsf: 'device.hostname', about: 'which system or tenant logged it' },
  class_uid: { type: 'UInt32', ocsf: 'class_uid' },
  activity_id: { type: 'UInt8', ocsf: 'activity_id' },
  severity_id: { type: 'UInt8', ocsf: 'severity_id' },
  status_id: { type: 'UInt8', ocsf: 'status_id', about: '0 unknown, 1 success, 2 failure' },
  status_code: { type: few, ocsf: 'status_code' },
  status_detail: { type: text, ocsf: 'status_detail' },
  message: { type: text, ocsf: 'message' },
  event_code: { type: few, ocsf: 'metadata.event_code', about: "the vendor's name of the event" },
  event_uid: { type: text, ocsf: 'metadata.uid', about: "the vendor's id of the event" },
  sequence: { type: 'UInt64', about: "the vendor's running number, where it has one; 0 without" },
  correlation_uid: { type: text, ocsf: 'metadata.correlation_uid' },
  logged_time: {
    type: "Nullable(DateTime64(3, 'UTC'))",
    ocsf: 'metadata.logged_time',
    about: 'when the source or its collector wrote it down, where that differs from `time`',
  },

  actor_user_name: { type: text, ocsf: 'actor.user.name', about: 'who did it, as the vendor names him' },
  actor_user_uid: { type: text, ocsf: 'actor.user.uid' },
  actor_user_email: { type: text, ocsf: 'actor.user.email_addr' },
  actor_user_type: {
    type: few,
    ocsf: 'actor.user.type',
    about: 'in the words of the vendor: User, ServiceAccount, Role',
  },
  actor_credential_uid: {
    type: text,
    ocsf: 'actor.user.credential_uid',
    about: 'id of the access key, token or service token used',
  },
  actor_session_uid: { type: text, ocsf: 'actor.session.uid' },
  actor_app_name: { type: text, ocsf: 'actor.app_name', about: 'the client application or OAuth app' },
  actor_invoked_by: { type: text, ocsf: 'actor.invoked_by' },

  src_ip: { type: text, ocsf: 'src_endpoint.ip', about: 'as text, IPv4 or IPv6' },
  src_port: { type: 'UInt16', ocsf: 'src_endpoint.port' },
  src_hostname: { type: text, ocsf: 'src_endpoint.hostname' },
  src_country: { type: few, ocsf: 'src_endpoint.location.country' },
  dst_ip: { type: text, ocsf: 'dst_endpoint.ip' },
  dst_port: { type: 'UInt16', ocsf: 'dst_endpoint.port' },
  dst_hostname: { type: text, ocsf: 'dst_endpoint.hostname' },

  http_method: { type: few, ocsf: 'http_request.http_method' },
  http_url: {
    type: text,
    ocsf: 'http_request.url.url_string',
    about: 'path and query where no host is logged',
  },
  http_user_agent: { type: text, ocsf: 'http_request.user_agent' },
  http_referrer: { type: text, ocsf: 'http_request.referrer' },
  http_status: { type: 'UInt16', ocsf: 'http_response.code' },
  bytes_out: {
    type: 'UInt64',
    ocsf: 'traffic.bytes_out',
    about: 'bytes that the answer carried to the caller',
  },

  api_operation: { type: few, ocsf: 'api.operation' },
  api_service: { type: few, ocsf: 'api.service.name' },
  cloud_account_uid: { type: few, ocsf: 'cloud.account.uid' },
  cloud_region: { type: few, ocsf: 'cloud.region' },

  user_name: { type: text, ocsf: 'user.name', about: 'whom it was done to' },
  user_uid: { type: text, ocsf: 'user.uid' },
  user_email: { type: text, ocsf: 'user.email_addr' },
  group_name: { type: text, ocsf: 'group.name' },
  group_uid: { type: text, ocsf: 'group.uid' },
  privileges: { type: 'Array(String)', ocsf: 'privileges' },
  resource_type: {
    type: few,
    ocsf: 'resources[0].type',
    about: 'the main thing acted on: issue, page, repository, key',
  },
  resource_uid: { type: text, ocsf: 'resources[0].uid' },
  resource_name: { type: text, ocsf: 'resources[0].name' },
  made_uid: {
    type: text,
    about:
      'id of a credential, account or object that this event brought into being (key id, token id, user id)',
  },
  query_text: { type: text, about: 'words that were searched for, or the statement that was run' },

  process_name: { type: text, ocsf: 'process.name' },
  process_path: { type: text, ocsf: 'process.file.path' },
  process_cmd_line: { type: text, ocsf: 'process.cmd_line' },
  process_pid: { type: 'UInt32', ocsf: 'process.pid' },
  parent_pid: { type: 'UInt32', ocsf: 'process.parent_process.pid' },
  file_path: { type: text, ocsf: 'file.path' },
  file_sha256: { type: text },
  auth_protocol: { type: few, ocsf: 'auth_protocol' },
  fields: {
    type: 'Map(LowCardinality(String), String)',
    about: 'fields of a text format (auditd key=value); empty for JSON sources, whose raw record has them',
  },
} as const satisfies Record<string, EventColumn>;

export type MappedColumn = keyof typeof mappedColumns;
export type OriginColumn = keyof typeof originColumns;
export type EventColumnName = MappedColumn | OriginColumn;

/** OCSF class numbers that the sources map to, by the schema's names. */
export const classes = {
  file_activity: 1001,
  process_activity: 1007,
  account_change: 3001,
  authentication: 3002,
  authorize_session: 3003,
  entity_management: 3004,
  user_access: 3005,
  group_management: 3006,
  network_activity: 4001,
  http_activity: 4002,
  ssh_activity: 4007,
  web_resources_activity: 6001,
  application_lifecycle: 6002,
  api_activity: 6003,
  datastore_activity: 6005,
} as const;
