-- The hosts of the fleet, and what became of each when it was examined. What was seen on them is in the lake;
-- the raw output of each examination lies in the evidence folder under the SHA-256 that stands here.

create table host (
  name text primary key,
  address text not null,
  port integer not null default 22,
  -- Empty texts: not known, so what firebreak.yaml says of the fleet holds.
  login text not null default '',
  role text not null default '',
  site text not null default '',
  environment text not null default '',
  jump text not null default '',
  -- Names of hosts, or roles as role:NAME, that are to be up before this one is touched.
  after text[] not null default '{}',
  -- reboot, reimage or none: what is expected of it after a breach.
  boot text not null default 'reboot' check (boot in ('reboot', 'reimage', 'none')),
  attributes jsonb not null default '{}',
  source text not null,
  updated_at timestamptz not null
);
create index host_role on host (role, name);

-- Keys that were taken on trust at the first meeting, where the policy says so.
create table host_key (
  host text not null,
  algorithm text not null,
  sha256 text not null,
  ledger_seq bigint not null,
  at timestamptz not null,
  primary key (host, algorithm)
);

-- One examination of many hosts. Its census is fixed when it is created.
create table collection (
  id text primary key,
  incident_id text not null references incident,
  kind text not null check (kind in ('ssh', 'import')),
  created_at timestamptz not null,
  created_by text not null,
  -- Which hosts were asked for, at which cost, which artifacts, since when.
  what jsonb not null,
  status text not null check (status in ('running', 'paused', 'stopped', 'finished', 'cancelled')),
  status_reason text,
  control text not null default 'run' check (control in ('run', 'pause', 'cancel')),
  run integer not null default 0,
  run_started_at timestamptz,
  updated_at timestamptz not null
);
create index collection_incident on collection (incident_id, created_at);

create table collection_host (
  collection_id text not null references collection,
  host text not null,
  batch integer not null,
  -- As the inventory had it when the census was fixed.
  target jsonb not null,
  role text not null,
  site text not null,
  environment text not null,
  state text not null check (state in ('not-attempted', 'examined', 'partial', 'refused', 'unreachable')),
  -- Why it is not examined: a code, and words.
  code text,
  why text,
  attempts integer not null default 0,
  at timestamptz,
  took_ms integer,
  -- Whether this run has still to see to it.
  pending boolean not null default true,
  -- Which rows of the lake are its facts.
  load text,
  facts integer not null default 0,
  score integer not null default 0,
  identity jsonb,
  artifacts jsonb not null default '[]',
  -- Chain of custody: what came back, from which script, over which key.
  raw_sha256 text,
  raw_bytes bigint,
  script_sha256 text,
  exit_code integer,
  host_key text,
  origin text not null default '',
  ledger_seq bigint,
  primary key (collection_id, host)
);
create index collection_host_batch on collection_host (collection_id, batch) where pending;
create index collection_host_host on collection_host (host);

-- What stands out on one host by itself.
create table host_finding (
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
  at timestamptz,
  detail jsonb not null default '{}',
  primary key (collection_id, host, number),
  foreign key (collection_id, host) references collection_host
);
create index host_finding_score on host_finding (collection_id, score desc);

create table host_exception (
  incident_id text not null references incident,
  host text not null,
  reason text not null,
  approver text not null,
  until timestamptz not null,
  ledger_seq bigint not null,
  at timestamptz not null,
  primary key (incident_id, host)
);

-- Rows of the lake that do not count: of an attempt that was broken off, or replaced by a later one. Written
-- before such rows can exist and taken away when they are gone, so that a fact is never counted twice.
create table fact_leftover (
  collection_id text not null references collection,
  host text not null,
  load text not null,
  primary key (collection_id, host, load)
);

-- A host of an incident as it stands: by the latest collection that includes it, and the exception in force. What was
-- imported in part stands back behind an examination of ours.
create view host_state as
  select distinct on (c.incident_id, h.host) c.incident_id, h.host, h.collection_id, h.role, h.site, h.environment,
    case when h.state <> 'examined' and e.until > now() then 'excepted' else h.state end as state,
    h.code, h.why, h.at, h.attempts, h.score, h.facts, h.raw_sha256, h.ledger_seq, e.until as excepted_until
  from collection c
  join collection_host h on h.collection_id = c.id
  left join host_exception e on e.incident_id = c.incident_id and e.host = h.host
  order by c.incident_id, h.host, (c.kind = 'import' and h.state <> 'examined'), c.created_at desc, c.id desc;
