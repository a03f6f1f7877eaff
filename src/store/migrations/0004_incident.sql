-- Advisories, incidents and what is exposed. Law 2: an exposure ends proven dead or excepted; one whose
-- exposed version was replaced after the window, with evidence, is closed by that evidence.

create table advisory (
  id text primary key,
  digest text not null,
  document jsonb not null,
  imported_at timestamptz not null
);

create table incident (
  id text primary key,
  title text not null,
  advisory_id text not null references advisory,
  -- The advisory as it stood when the incident was opened.
  advisory jsonb not null,
  opened_at timestamptz not null,
  opened_by text not null,
  closed_at timestamptz,
  closed_by text
);

create table scan (
  id text primary key,
  incident_id text not null references incident,
  started_at timestamptz not null,
  finished_at timestamptz,
  paths text[] not null,
  files bigint not null default 0,
  bytes bigint not null default 0,
  errors jsonb not null default '[]'
);

-- One secret at one place. Never the secret.
create table scan_hit (
  scan_id text not null references scan,
  fingerprint text not null,
  file text not null,
  place text not null,
  kind text not null,
  class text not null,
  detail jsonb not null default '{}',
  credential_id text references credential,
  primary key (scan_id, fingerprint, file, place)
);
create index scan_hit_fingerprint on scan_hit (fingerprint);

create table exposure (
  id text primary key,
  incident_id text not null references incident,
  credential_id text not null references credential,
  created_at timestamptz not null,
  -- The ledger entry of the proof that the exposed secret is dead.
  proof_seq bigint,
  proved_at timestamptz,
  -- The exposed version had been replaced after the window: what shows it.
  replaced_evidence text,
  unique (incident_id, credential_id)
);
create index exposure_credential on exposure (credential_id);

create table exposure_reason (
  exposure_id text not null references exposure,
  kind text not null check (kind in ('advisory', 'scan', 'precaution', 'descendant')),
  source text not null,
  explanation text not null,
  ledger_seq bigint,
  at timestamptz not null,
  primary key (exposure_id, kind, source)
);

create table exposure_exception (
  exposure_id text primary key references exposure,
  reason text not null,
  approver text not null,
  until timestamptz not null,
  ledger_seq bigint not null,
  at timestamptz not null
);

-- Secrets proven dead. A leak of one of these is history, not a new exposure.
create table dead_secret (
  fingerprint text not null,
  credential_id text not null references credential,
  ledger_seq bigint not null,
  proved_at timestamptz not null,
  primary key (fingerprint, credential_id)
);
