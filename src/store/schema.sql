-- Written by `npm run gen` from the migrations; a test compares it. Do not edit.

table access_grant (
  system text not null,
  identity text not null,
  resource text not null,
  privilege text not null,
  seen_at timestamp with time zone not null,
  constraint access_grant_pkey PRIMARY KEY (system, identity, resource, privilege)
);

table advisory (
  id text not null,
  digest text not null,
  document jsonb not null,
  imported_at timestamp with time zone not null,
  constraint advisory_pkey PRIMARY KEY (id)
);

table campaign (
  id text not null,
  incident_id text not null,
  plan jsonb not null,
  plan_digest text not null,
  status text not null,
  status_reason text,
  control text not null default 'run'::text,
  run integer not null default 0,
  run_started_at timestamp with time zone,
  created_at timestamp with time zone not null,
  created_by text not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  constraint campaign_pkey PRIMARY KEY (id),
  constraint campaign_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint campaign_control_check CHECK ((control = ANY (ARRAY['run'::text, 'pause'::text, 'cancel'::text]))),
  constraint campaign_status_check CHECK ((status = ANY (ARRAY['planned'::text, 'approved'::text, 'running'::text, 'paused'::text, 'stopped'::text, 'cancelled'::text, 'finished'::text])))
);

table campaign_approval (
  campaign_id text not null,
  approver text not null,
  plan_digest text not null,
  at timestamp with time zone not null,
  ledger_seq bigint not null,
  constraint campaign_approval_pkey PRIMARY KEY (campaign_id, approver),
  constraint campaign_approval_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaign(id)
);

table collection (
  id text not null,
  incident_id text not null,
  kind text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  what jsonb not null,
  status text not null,
  status_reason text,
  control text not null default 'run'::text,
  run integer not null default 0,
  run_started_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  constraint collection_pkey PRIMARY KEY (id),
  constraint collection_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint collection_control_check CHECK ((control = ANY (ARRAY['run'::text, 'pause'::text, 'cancel'::text]))),
  constraint collection_kind_check CHECK ((kind = ANY (ARRAY['ssh'::text, 'import'::text]))),
  constraint collection_status_check CHECK ((status = ANY (ARRAY['running'::text, 'paused'::text, 'stopped'::text, 'finished'::text, 'cancelled'::text])))
);

table collection_host (
  collection_id text not null,
  host text not null,
  batch integer not null,
  target jsonb not null,
  role text not null,
  site text not null,
  environment text not null,
  state text not null,
  code text,
  why text,
  attempts integer not null default 0,
  at timestamp with time zone,
  took_ms integer,
  pending boolean not null default true,
  load text,
  facts integer not null default 0,
  score integer not null default 0,
  identity jsonb,
  artifacts jsonb not null default '[]'::jsonb,
  raw_sha256 text,
  raw_bytes bigint,
  script_sha256 text,
  exit_code integer,
  host_key text,
  origin text not null default ''::text,
  ledger_seq bigint,
  constraint collection_host_pkey PRIMARY KEY (collection_id, host),
  constraint collection_host_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collection(id),
  constraint collection_host_state_check CHECK ((state = ANY (ARRAY['not-attempted'::text, 'examined'::text, 'partial'::text, 'refused'::text, 'unreachable'::text])))
);

table credential (
  id text not null,
  ref text not null,
  system text not null,
  kind text not null,
  class text not null,
  name text not null,
  principal text,
  environment text,
  owner text,
  suppliers text[] not null default '{}'::text[],
  fingerprint text,
  secret_ref jsonb,
  delivery jsonb,
  sealed_secret bytea,
  changed_at timestamp with time zone,
  changed_evidence text,
  changed_no_later_than timestamp with time zone,
  last_used_at timestamp with time zone,
  expires_at timestamp with time zone,
  claimed_unused_by text,
  attributes jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint credential_ref_key UNIQUE (ref),
  constraint credential_pkey PRIMARY KEY (id)
);

table credential_claim (
  credential_id text not null,
  source text not null,
  says jsonb not null,
  seen_at timestamp with time zone not null,
  constraint credential_claim_pkey PRIMARY KEY (credential_id, source),
  constraint credential_claim_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credential(id)
);

table dead_secret (
  fingerprint text not null,
  credential_id text not null,
  ledger_seq bigint not null,
  proved_at timestamp with time zone not null,
  constraint dead_secret_pkey PRIMARY KEY (fingerprint, credential_id),
  constraint dead_secret_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credential(id)
);

table descendant (
  id text not null,
  incident_id text not null,
  source text not null,
  host text not null,
  kind text not null,
  name text not null,
  ref text not null,
  owner text not null,
  acts boolean not null,
  credential_class text,
  technique text not null,
  made_at timestamp with time zone not null,
  generation integer not null,
  found_at timestamp with time zone not null,
  exposure_id text,
  contained_at timestamp with time zone,
  contained_by text,
  contained_because text,
  contained_seq bigint,
  excepted_until timestamp with time zone,
  excepted_by text,
  excepted_because text,
  excepted_seq bigint,
  constraint descendant_pkey PRIMARY KEY (id),
  constraint descendant_exposure_id_fkey FOREIGN KEY (exposure_id) REFERENCES exposure(id),
  constraint descendant_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint descendant_generation_check CHECK ((generation >= 1))
);

table descendant_edge (
  descendant_id text not null,
  parent text not null,
  file_id text not null,
  line bigint not null,
  source text not null,
  host text not null,
  at timestamp with time zone not null,
  time_text text not null,
  code text not null,
  actor text not null,
  address text not null,
  message text not null,
  constraint descendant_edge_pkey PRIMARY KEY (descendant_id, parent, file_id, line),
  constraint descendant_edge_descendant_id_fkey FOREIGN KEY (descendant_id) REFERENCES descendant(id)
);

view descendant_state as
 SELECT d.id,
    d.incident_id,
    d.source,
    d.host,
    d.kind,
    d.name,
    d.ref,
    d.owner,
    d.acts,
    d.credential_class,
    d.technique,
    d.made_at,
    d.generation,
    d.found_at,
    d.exposure_id,
    d.contained_at,
    d.contained_by,
    d.contained_because,
    d.contained_seq,
    d.excepted_until,
    d.excepted_by,
    d.excepted_because,
    d.excepted_seq,
        CASE
            WHEN ((d.contained_seq IS NOT NULL) OR (e.proof_seq IS NOT NULL)) THEN 'contained'::text
            WHEN (d.excepted_until > now()) THEN 'excepted'::text
            ELSE 'outstanding'::text
        END AS state,
        CASE
            WHEN (d.contained_seq IS NOT NULL) THEN d.contained_because
            WHEN (e.proof_seq IS NOT NULL) THEN ('its credential is proven dead: ledger entry '::text || e.proof_seq)
            WHEN (d.excepted_until > now()) THEN d.excepted_because
            WHEN (d.excepted_until IS NOT NULL) THEN ('the exception ended '::text || to_char((d.excepted_until AT TIME ZONE 'utc'::text), 'YYYY-MM-DD'::text))
            WHEN (e.id IS NOT NULL) THEN ((('its credential '::text || e.ref) || ' is '::text) || e.state)
            ELSE 'nobody has said that it is contained'::text
        END AS reason
   FROM (descendant d
     LEFT JOIN exposure_state e ON ((e.id = d.exposure_id)));

table exposure (
  id text not null,
  incident_id text not null,
  credential_id text not null,
  created_at timestamp with time zone not null,
  proof_seq bigint,
  proved_at timestamp with time zone,
  replaced_evidence text,
  constraint exposure_incident_id_credential_id_key UNIQUE (incident_id, credential_id),
  constraint exposure_pkey PRIMARY KEY (id),
  constraint exposure_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credential(id),
  constraint exposure_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id)
);

table exposure_exception (
  exposure_id text not null,
  reason text not null,
  approver text not null,
  until timestamp with time zone not null,
  ledger_seq bigint not null,
  at timestamp with time zone not null,
  constraint exposure_exception_pkey PRIMARY KEY (exposure_id),
  constraint exposure_exception_exposure_id_fkey FOREIGN KEY (exposure_id) REFERENCES exposure(id)
);

table exposure_reason (
  exposure_id text not null,
  kind text not null,
  source text not null,
  explanation text not null,
  ledger_seq bigint,
  at timestamp with time zone not null,
  constraint exposure_reason_pkey PRIMARY KEY (exposure_id, kind, source),
  constraint exposure_reason_exposure_id_fkey FOREIGN KEY (exposure_id) REFERENCES exposure(id),
  constraint exposure_reason_kind_check CHECK ((kind = ANY (ARRAY['advisory'::text, 'scan'::text, 'precaution'::text, 'descendant'::text])))
);

view exposure_state as
 SELECT e.id,
    e.incident_id,
    e.credential_id,
    e.created_at,
    e.proof_seq,
    e.proved_at,
    e.replaced_evidence,
    c.ref,
    c.system,
    c.kind,
    c.class,
    c.name,
    c.principal,
    c.environment,
    c.owner,
    c.claimed_unused_by,
    x.until AS excepted_until,
    x.approver AS excepted_by,
    r.campaign_id,
    r.stage,
    r.status,
        CASE
            WHEN (e.proof_seq IS NOT NULL) THEN 'proven-dead'::text
            WHEN (x.until > now()) THEN 'excepted'::text
            WHEN (e.replaced_evidence IS NOT NULL) THEN 'replaced'::text
            ELSE 'outstanding'::text
        END AS state,
        CASE
            WHEN (e.proof_seq IS NOT NULL) THEN NULL::text
            WHEN (x.until > now()) THEN x.reason
            WHEN (e.replaced_evidence IS NOT NULL) THEN e.replaced_evidence
            WHEN (r.status = ANY (ARRAY['failed'::text, 'indeterminate'::text, 'cancelled'::text])) THEN r.reason
            WHEN (r.status IS NOT NULL) THEN ((('in campaign '::text || r.campaign_id) || ', stage '::text) || r.stage)
            WHEN (x.until IS NOT NULL) THEN ('the exception ended '::text || to_char((x.until AT TIME ZONE 'utc'::text), 'YYYY-MM-DD'::text))
            ELSE 'no rotation is planned'::text
        END AS reason,
        CASE
            WHEN ((e.proof_seq IS NOT NULL) OR (x.until > now()) OR (e.replaced_evidence IS NOT NULL)) THEN NULL::text
            WHEN (r.status = ANY (ARRAY['failed'::text, 'indeterminate'::text, 'cancelled'::text])) THEN COALESCE(r.reason_code, r.status)
            WHEN (r.status IS NOT NULL) THEN 'in-campaign'::text
            ELSE 'not-planned'::text
        END AS reason_code
   FROM (((exposure e
     JOIN credential c ON ((c.id = e.credential_id)))
     LEFT JOIN exposure_exception x ON ((x.exposure_id = e.id)))
     LEFT JOIN LATERAL ( SELECT rotation.campaign_id,
            rotation.stage,
            rotation.status,
            rotation.reason,
            rotation.reason_code
           FROM rotation
          WHERE (rotation.exposure_id = e.id)
          ORDER BY rotation.updated_at DESC, rotation.campaign_id
         LIMIT 1) r ON (true));

table fact_leftover (
  collection_id text not null,
  host text not null,
  load text not null,
  constraint fact_leftover_pkey PRIMARY KEY (collection_id, host, load),
  constraint fact_leftover_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collection(id)
);

table finding (
  id text not null,
  incident_id text not null,
  run_id text not null,
  rule text not null,
  rule_kind text not null,
  title text not null,
  severity text not null,
  techniques text[] not null,
  file_id text not null,
  line bigint not null,
  source text not null,
  host text not null,
  at timestamp with time zone not null,
  time_text text not null,
  code text not null,
  actor text not null,
  address text not null,
  message text not null,
  data jsonb not null default '{}'::jsonb,
  found_at timestamp with time zone not null,
  constraint finding_incident_id_rule_file_id_line_key UNIQUE (incident_id, rule, file_id, line),
  constraint finding_pkey PRIMARY KEY (id),
  constraint finding_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint finding_run_id_fkey FOREIGN KEY (run_id) REFERENCES hunt_run(id),
  constraint finding_rule_kind_check CHECK ((rule_kind = ANY (ARRAY['sigma'::text, 'indicator'::text]))),
  constraint finding_severity_check CHECK ((severity = ANY (ARRAY['informational'::text, 'low'::text, 'medium'::text, 'high'::text, 'critical'::text])))
);

table host (
  name text not null,
  address text not null,
  port integer not null default 22,
  login text not null default ''::text,
  role text not null default ''::text,
  site text not null default ''::text,
  environment text not null default ''::text,
  jump text not null default ''::text,
  after text[] not null default '{}'::text[],
  boot text not null default 'reboot'::text,
  attributes jsonb not null default '{}'::jsonb,
  source text not null,
  updated_at timestamp with time zone not null,
  constraint host_pkey PRIMARY KEY (name),
  constraint host_boot_check CHECK ((boot = ANY (ARRAY['reboot'::text, 'reimage'::text, 'none'::text])))
);

table host_exception (
  incident_id text not null,
  host text not null,
  reason text not null,
  approver text not null,
  until timestamp with time zone not null,
  ledger_seq bigint not null,
  at timestamp with time zone not null,
  constraint host_exception_pkey PRIMARY KEY (incident_id, host),
  constraint host_exception_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id)
);

table host_finding (
  collection_id text not null,
  host text not null,
  number integer not null,
  rule text not null,
  title text not null,
  why text not null,
  technique text not null,
  score integer not null,
  artifact text not null,
  key text not null,
  value text not null,
  path text not null,
  owner text not null,
  sha256 text not null,
  at timestamp with time zone,
  detail jsonb not null default '{}'::jsonb,
  constraint host_finding_pkey PRIMARY KEY (collection_id, host, number),
  constraint host_finding_collection_id_host_fkey FOREIGN KEY (collection_id, host) REFERENCES collection_host(collection_id, host)
);

table host_key (
  host text not null,
  algorithm text not null,
  sha256 text not null,
  ledger_seq bigint not null,
  at timestamp with time zone not null,
  constraint host_key_pkey PRIMARY KEY (host, algorithm)
);

view host_state as
 SELECT DISTINCT ON (c.incident_id, h.host) c.incident_id,
    h.host,
    h.collection_id,
    h.role,
    h.site,
    h.environment,
        CASE
            WHEN ((h.state <> 'examined'::text) AND (e.until > now())) THEN 'excepted'::text
            ELSE h.state
        END AS state,
    h.code,
    h.why,
    h.at,
    h.attempts,
    h.score,
    h.facts,
    h.raw_sha256,
    h.ledger_seq,
    e.until AS excepted_until
   FROM ((collection c
     JOIN collection_host h ON ((h.collection_id = c.id)))
     LEFT JOIN host_exception e ON (((e.incident_id = c.incident_id) AND (e.host = h.host))))
  ORDER BY c.incident_id, h.host, ((c.kind = 'import'::text) AND (h.state <> 'examined'::text)), c.created_at DESC, c.id DESC;

table hunt_run (
  id text not null,
  incident_id text not null,
  kind text not null,
  what jsonb not null,
  started_at timestamp with time zone not null,
  started_by text not null,
  finished_at timestamp with time zone,
  failed_because text,
  found bigint not null default 0,
  added bigint not null default 0,
  coverage jsonb not null default '[]'::jsonb,
  result jsonb not null default '{}'::jsonb,
  outstanding jsonb not null default '[]'::jsonb,
  ledger_seq bigint,
  doubts jsonb not null default '[]'::jsonb,
  constraint hunt_run_pkey PRIMARY KEY (id),
  constraint hunt_run_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint hunt_run_kind_check CHECK ((kind = ANY (ARRAY['ingest'::text, 'sigma'::text, 'ioc'::text, 'descendants'::text, 'access'::text])))
);

table identity (
  system text not null,
  name text not null,
  kind text not null default 'unknown'::text,
  attributes jsonb not null default '{}'::jsonb,
  seen_at timestamp with time zone not null,
  constraint identity_pkey PRIMARY KEY (system, name),
  constraint identity_kind_check CHECK ((kind = ANY (ARRAY['human'::text, 'service'::text, 'unknown'::text])))
);

table incident (
  id text not null,
  title text not null,
  advisory_id text not null,
  advisory jsonb not null,
  opened_at timestamp with time zone not null,
  opened_by text not null,
  closed_at timestamp with time zone,
  closed_by text,
  constraint incident_pkey PRIMARY KEY (id),
  constraint incident_advisory_id_fkey FOREIGN KEY (advisory_id) REFERENCES advisory(id)
);

table incident_exception (
  incident_id text not null,
  question text not null,
  what text not null,
  why text not null,
  reason text not null,
  approver text not null,
  until timestamp with time zone not null,
  ledger_seq bigint not null,
  at timestamp with time zone not null,
  constraint incident_exception_pkey PRIMARY KEY (incident_id, question),
  constraint incident_exception_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id)
);

table installation (
  only_row boolean not null default true,
  id text not null,
  fingerprint_key_id text not null,
  created_at timestamp with time zone not null default now(),
  constraint installation_pkey PRIMARY KEY (only_row),
  constraint installation_only_row_check CHECK (only_row)
);

table inventory_run (
  id text not null,
  source text not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  records bigint not null default 0,
  accepted bigint not null default 0,
  rejected bigint not null default 0,
  ledger_seq bigint,
  constraint inventory_run_pkey PRIMARY KEY (id)
);

table ledger_checkpoint (
  size bigint not null,
  root bytea not null,
  note text not null,
  at timestamp with time zone not null,
  constraint ledger_checkpoint_pkey PRIMARY KEY (size),
  constraint ledger_checkpoint_root_check CHECK ((length(root) = 32))
);

table ledger_entry (
  seq bigint not null,
  at timestamp with time zone not null,
  actor text not null,
  kind text not null,
  incident_id text,
  subject text,
  body text not null,
  leaf_hash bytea not null,
  constraint ledger_entry_pkey PRIMARY KEY (seq),
  constraint ledger_entry_leaf_hash_check CHECK ((length(leaf_hash) = 32))
);

table ledger_tile (
  level integer not null,
  index bigint not null,
  hashes bytea not null,
  constraint ledger_tile_pkey PRIMARY KEY (level, index),
  constraint ledger_tile_hashes_check CHECK ((((length(hashes) % 32) = 0) AND (length(hashes) <= 8192))),
  constraint ledger_tile_level_check CHECK ((level >= 1))
);

table reboot_approval (
  plan_id text not null,
  approver text not null,
  plan_digest text not null,
  at timestamp with time zone not null,
  ledger_seq bigint not null,
  constraint reboot_approval_pkey PRIMARY KEY (plan_id, approver),
  constraint reboot_approval_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES reboot_plan(id)
);

table reboot_exception (
  incident_id text not null,
  host text not null,
  reason text not null,
  approver text not null,
  until timestamp with time zone not null,
  ledger_seq bigint not null,
  at timestamp with time zone not null,
  constraint reboot_exception_pkey PRIMARY KEY (incident_id, host),
  constraint reboot_exception_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id)
);

table reboot_member (
  plan_id text not null,
  ordinal integer not null,
  host text not null,
  role text not null,
  wave integer not null,
  batch integer not null,
  action text not null,
  target jsonb not null,
  stage text not null default 'planned'::text,
  status text not null default 'pending'::text,
  down boolean not null default false,
  reason_code text,
  reason text,
  identity_before jsonb,
  identity_after jsonb,
  requested_at timestamp with time zone,
  requests integer not null default 0,
  proof_seq bigint,
  attempts integer not null default 0,
  updated_at timestamp with time zone not null,
  constraint reboot_member_pkey PRIMARY KEY (plan_id, ordinal),
  constraint reboot_member_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES reboot_plan(id),
  constraint reboot_member_action_check CHECK ((action = ANY (ARRAY['reboot'::text, 'reimage'::text]))),
  constraint reboot_member_stage_check CHECK ((stage = ANY (ARRAY['planned'::text, 'identified'::text, 'drained'::text, 'requested'::text, 'back'::text, 'proven'::text]))),
  constraint reboot_member_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'done'::text, 'failed'::text, 'indeterminate'::text, 'cancelled'::text])))
);

table reboot_plan (
  id text not null,
  incident_id text not null,
  plan jsonb not null,
  plan_digest text not null,
  status text not null,
  status_reason text,
  control text not null default 'run'::text,
  run integer not null default 0,
  created_at timestamp with time zone not null,
  created_by text not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  run_started_at timestamp with time zone,
  constraint reboot_plan_pkey PRIMARY KEY (id),
  constraint reboot_plan_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint reboot_plan_control_check CHECK ((control = ANY (ARRAY['run'::text, 'pause'::text, 'cancel'::text]))),
  constraint reboot_plan_status_check CHECK ((status = ANY (ARRAY['planned'::text, 'approved'::text, 'running'::text, 'paused'::text, 'stopped'::text, 'cancelled'::text, 'finished'::text])))
);

view reboot_state as
 SELECT DISTINCT ON (p.incident_id, m.host) p.incident_id,
    m.host,
    m.plan_id,
    m.role,
    m.status,
        CASE
            WHEN (m.status = 'done'::text) THEN 'proven'::text
            WHEN (e.until > now()) THEN 'excepted'::text
            ELSE 'outstanding'::text
        END AS state,
        CASE
            WHEN (m.status = 'done'::text) THEN NULL::text
            ELSE COALESCE(m.reason_code, m.status)
        END AS code,
    m.reason,
    m.proof_seq,
    m.updated_at AS at,
    e.until AS excepted_until
   FROM ((( SELECT reboot_member.plan_id,
            reboot_member.host,
            reboot_member.role,
            reboot_member.status,
            reboot_member.reason_code,
            reboot_member.reason,
            reboot_member.proof_seq,
            reboot_member.updated_at
           FROM reboot_member
        UNION ALL
         SELECT q.id,
            u.host,
            ''::text,
                CASE
                    WHEN (q.status = 'cancelled'::text) THEN 'cancelled'::text
                    ELSE 'unplanned'::text
                END AS "case",
            u.code,
            u.reason,
            NULL::bigint,
            q.created_at
           FROM (reboot_plan q
             CROSS JOIN LATERAL jsonb_to_recordset(((q.plan -> 'unplannable'::text) -> 'listed'::text)) u(host text, code text, reason text))) m
     JOIN reboot_plan p ON ((p.id = m.plan_id)))
     LEFT JOIN reboot_exception e ON (((e.incident_id = p.incident_id) AND (e.host = m.host))))
  ORDER BY p.incident_id, m.host, (m.status = 'cancelled'::text), p.created_at DESC, p.id DESC;

table rotation (
  campaign_id text not null,
  ordinal integer not null,
  exposure_id text not null,
  credential_id text not null,
  system text not null,
  wave integer not null,
  batch integer not null,
  stage text not null default 'planned'::text,
  status text not null default 'pending'::text,
  reason_code text,
  reason text,
  sealed_old bytea,
  old_accepted boolean,
  sealed_new bytea,
  replacement jsonb,
  cutover text,
  probes jsonb not null default '[]'::jsonb,
  proof_seq bigint,
  attempts integer not null default 0,
  updated_at timestamp with time zone not null,
  constraint rotation_pkey PRIMARY KEY (campaign_id, ordinal),
  constraint rotation_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaign(id),
  constraint rotation_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credential(id),
  constraint rotation_exposure_id_fkey FOREIGN KEY (exposure_id) REFERENCES exposure(id),
  constraint rotation_stage_check CHECK ((stage = ANY (ARRAY['planned'::text, 'sealed'::text, 'issued'::text, 'delivered'::text, 'verified'::text, 'revoked'::text, 'probed'::text, 'ended'::text, 'proven'::text]))),
  constraint rotation_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'done'::text, 'failed'::text, 'indeterminate'::text, 'cancelled'::text])))
);

table scan (
  id text not null,
  incident_id text not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  paths text[] not null,
  files bigint not null default 0,
  bytes bigint not null default 0,
  errors jsonb not null default '[]'::jsonb,
  constraint scan_pkey PRIMARY KEY (id),
  constraint scan_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id)
);

table scan_hit (
  scan_id text not null,
  fingerprint text not null,
  file text not null,
  place text not null,
  kind text not null,
  class text not null,
  detail jsonb not null default '{}'::jsonb,
  credential_id text,
  constraint scan_hit_pkey PRIMARY KEY (scan_id, fingerprint, file, place),
  constraint scan_hit_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credential(id),
  constraint scan_hit_scan_id_fkey FOREIGN KEY (scan_id) REFERENCES scan(id)
);

table sealing_key (
  id text not null,
  sealed text not null,
  created_at timestamp with time zone not null default now(),
  constraint sealing_key_pkey PRIMARY KEY (id)
);

table system (
  name text not null,
  kind text not null,
  connector text,
  environment text,
  owner text,
  version text,
  attributes jsonb not null default '{}'::jsonb,
  seen_at timestamp with time zone not null,
  constraint system_pkey PRIMARY KEY (name)
);

table worker (
  executor_id text not null,
  pid integer not null,
  host text not null,
  started_at timestamp with time zone not null default now(),
  heartbeat_at timestamp with time zone not null default now(),
  constraint worker_pkey PRIMARY KEY (executor_id)
);

CREATE UNIQUE INDEX access_grant_pkey ON public.access_grant USING btree (system, identity, resource, privilege);

CREATE UNIQUE INDEX advisory_pkey ON public.advisory USING btree (id);

CREATE INDEX campaign_incident ON public.campaign USING btree (incident_id, created_at);

CREATE UNIQUE INDEX campaign_pkey ON public.campaign USING btree (id);

CREATE UNIQUE INDEX campaign_approval_pkey ON public.campaign_approval USING btree (campaign_id, approver);

CREATE INDEX collection_incident ON public.collection USING btree (incident_id, created_at);

CREATE UNIQUE INDEX collection_pkey ON public.collection USING btree (id);

CREATE INDEX collection_host_batch ON public.collection_host USING btree (collection_id, batch) WHERE pending;

CREATE INDEX collection_host_host ON public.collection_host USING btree (host);

CREATE UNIQUE INDEX collection_host_pkey ON public.collection_host USING btree (collection_id, host);

CREATE INDEX credential_fingerprint ON public.credential USING btree (fingerprint) WHERE (fingerprint IS NOT NULL);

CREATE UNIQUE INDEX credential_pkey ON public.credential USING btree (id);

CREATE UNIQUE INDEX credential_ref_key ON public.credential USING btree (ref);

CREATE INDEX credential_suppliers ON public.credential USING gin (suppliers);

CREATE INDEX credential_system ON public.credential USING btree (system, kind);

CREATE UNIQUE INDEX credential_claim_pkey ON public.credential_claim USING btree (credential_id, source);

CREATE INDEX credential_claim_source ON public.credential_claim USING btree (source);

CREATE UNIQUE INDEX dead_secret_pkey ON public.dead_secret USING btree (fingerprint, credential_id);

CREATE INDEX descendant_incident ON public.descendant USING btree (incident_id, made_at, id);

CREATE UNIQUE INDEX descendant_pkey ON public.descendant USING btree (id);

CREATE UNIQUE INDEX descendant_edge_pkey ON public.descendant_edge USING btree (descendant_id, parent, file_id, line);

CREATE INDEX exposure_credential ON public.exposure USING btree (credential_id);

CREATE UNIQUE INDEX exposure_incident_id_credential_id_key ON public.exposure USING btree (incident_id, credential_id);

CREATE UNIQUE INDEX exposure_pkey ON public.exposure USING btree (id);

CREATE UNIQUE INDEX exposure_exception_pkey ON public.exposure_exception USING btree (exposure_id);

CREATE UNIQUE INDEX exposure_reason_pkey ON public.exposure_reason USING btree (exposure_id, kind, source);

CREATE UNIQUE INDEX fact_leftover_pkey ON public.fact_leftover USING btree (collection_id, host, load);

CREATE UNIQUE INDEX finding_incident_id_rule_file_id_line_key ON public.finding USING btree (incident_id, rule, file_id, line);

CREATE UNIQUE INDEX finding_pkey ON public.finding USING btree (id);

CREATE INDEX finding_time ON public.finding USING btree (incident_id, at, id);

CREATE UNIQUE INDEX host_pkey ON public.host USING btree (name);

CREATE INDEX host_role ON public.host USING btree (role, name);

CREATE UNIQUE INDEX host_exception_pkey ON public.host_exception USING btree (incident_id, host);

CREATE UNIQUE INDEX host_finding_pkey ON public.host_finding USING btree (collection_id, host, number);

CREATE INDEX host_finding_score ON public.host_finding USING btree (collection_id, score DESC);

CREATE UNIQUE INDEX host_key_pkey ON public.host_key USING btree (host, algorithm);

CREATE INDEX hunt_run_incident ON public.hunt_run USING btree (incident_id, kind, started_at);

CREATE UNIQUE INDEX hunt_run_pkey ON public.hunt_run USING btree (id);

CREATE UNIQUE INDEX identity_pkey ON public.identity USING btree (system, name);

CREATE UNIQUE INDEX incident_pkey ON public.incident USING btree (id);

CREATE UNIQUE INDEX incident_exception_pkey ON public.incident_exception USING btree (incident_id, question);

CREATE UNIQUE INDEX installation_pkey ON public.installation USING btree (only_row);

CREATE UNIQUE INDEX inventory_run_pkey ON public.inventory_run USING btree (id);

CREATE UNIQUE INDEX ledger_checkpoint_pkey ON public.ledger_checkpoint USING btree (size);

CREATE INDEX ledger_entry_incident ON public.ledger_entry USING btree (incident_id, kind, seq) WHERE (incident_id IS NOT NULL);

CREATE UNIQUE INDEX ledger_entry_pkey ON public.ledger_entry USING btree (seq);

CREATE INDEX ledger_entry_subject ON public.ledger_entry USING btree (subject, seq) WHERE (subject IS NOT NULL);

CREATE UNIQUE INDEX ledger_tile_pkey ON public.ledger_tile USING btree (level, index);

CREATE UNIQUE INDEX reboot_approval_pkey ON public.reboot_approval USING btree (plan_id, approver);

CREATE UNIQUE INDEX reboot_exception_pkey ON public.reboot_exception USING btree (incident_id, host);

CREATE INDEX reboot_member_batch ON public.reboot_member USING btree (plan_id, wave, batch);

CREATE UNIQUE INDEX reboot_member_host ON public.reboot_member USING btree (plan_id, host);

CREATE INDEX reboot_member_latest ON public.reboot_member USING btree (host, updated_at);

CREATE UNIQUE INDEX reboot_member_pkey ON public.reboot_member USING btree (plan_id, ordinal);

CREATE INDEX reboot_plan_incident ON public.reboot_plan USING btree (incident_id, created_at);

CREATE UNIQUE INDEX reboot_plan_pkey ON public.reboot_plan USING btree (id);

CREATE INDEX rotation_batch ON public.rotation USING btree (campaign_id, wave, batch);

CREATE INDEX rotation_exposure ON public.rotation USING btree (exposure_id);

CREATE UNIQUE INDEX rotation_pkey ON public.rotation USING btree (campaign_id, ordinal);

CREATE UNIQUE INDEX scan_pkey ON public.scan USING btree (id);

CREATE INDEX scan_hit_fingerprint ON public.scan_hit USING btree (fingerprint);

CREATE UNIQUE INDEX scan_hit_pkey ON public.scan_hit USING btree (scan_id, fingerprint, file, place);

CREATE UNIQUE INDEX sealing_key_pkey ON public.sealing_key USING btree (id);

CREATE UNIQUE INDEX system_pkey ON public.system USING btree (name);

CREATE UNIQUE INDEX worker_pkey ON public.worker USING btree (executor_id);

CREATE TRIGGER ledger_checkpoint_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE TRIGGER ledger_entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE OR REPLACE FUNCTION public.ledger_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the ledger is append-only';
end $function$
;
