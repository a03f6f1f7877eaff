-- What was looked for in the logs and what was found. The events themselves stay in the lake; what stands here
-- cites them by the hash of their file and their line.

create table hunt_run (
  id text primary key,
  incident_id text not null references incident,
  kind text not null check (kind in ('ingest', 'sigma', 'ioc', 'descendants', 'access')),
  -- What was asked for.
  what jsonb not null,
  started_at timestamptz not null,
  started_by text not null,
  finished_at timestamptz,
  -- Why it came to no end; a run that is neither finished nor failed was interrupted.
  failed_because text,
  found bigint not null default 0,
  added bigint not null default 0,
  -- What can be claimed of each source in the period that was looked at.
  coverage jsonb not null default '[]',
  result jsonb not null default '{}',
  outstanding jsonb not null default '[]',
  ledger_seq bigint
);
create index hunt_run_incident on hunt_run (incident_id, kind, started_at);

create table finding (
  id text primary key,
  incident_id text not null references incident,
  run_id text not null references hunt_run,
  rule text not null,
  rule_kind text not null check (rule_kind in ('sigma', 'indicator')),
  title text not null,
  severity text not null check (severity in ('informational', 'low', 'medium', 'high', 'critical')),
  techniques text[] not null,
  file_id text not null,
  line bigint not null,
  source text not null,
  host text not null,
  at timestamptz not null,
  time_text text not null,
  code text not null,
  actor text not null,
  address text not null,
  message text not null,
  data jsonb not null default '{}',
  found_at timestamptz not null,
  unique (incident_id, rule, file_id, line)
);
create index finding_time on finding (incident_id, at, id);

-- What a compromised principal made, and what that made in turn.
create table descendant (
  id text primary key,
  incident_id text not null references incident,
  source text not null,
  host text not null,
  kind text not null,
  name text not null,
  -- The id that the vendor gave it; empty where the log does not say.
  ref text not null,
  -- Whose it is, or what it was done to.
  owner text not null,
  -- Whether it can act: what it made is followed.
  acts boolean not null,
  credential_class text,
  technique text not null,
  made_at timestamptz not null,
  -- 1: made by an exposed principal; 2: by what that made; and so on.
  generation integer not null check (generation >= 1),
  found_at timestamptz not null,
  exposure_id text references exposure,
  contained_at timestamptz,
  contained_by text,
  contained_because text,
  contained_seq bigint,
  excepted_until timestamptz,
  excepted_by text,
  excepted_because text,
  excepted_seq bigint
);
create index descendant_incident on descendant (incident_id, made_at, id);

-- The events that prove that it was made, and by whom.
create table descendant_edge (
  descendant_id text not null references descendant,
  -- The id of a descendant, or an exposed principal by name.
  parent text not null,
  file_id text not null,
  line bigint not null,
  source text not null,
  host text not null,
  at timestamptz not null,
  time_text text not null,
  code text not null,
  actor text not null,
  address text not null,
  message text not null,
  primary key (descendant_id, parent, file_id, line)
);

-- Law 2 holds for descendants as for exposures: contained, or excepted until a date; all else is outstanding.
create view descendant_state as
select d.*,
  case
    when d.contained_seq is not null or e.proof_seq is not null then 'contained'
    when d.excepted_until > now() then 'excepted'
    else 'outstanding'
  end as state,
  case
    when d.contained_seq is not null then d.contained_because
    when e.proof_seq is not null then 'its credential is proven dead: ledger entry ' || e.proof_seq
    when d.excepted_until > now() then d.excepted_because
    when d.excepted_until is not null then 'the exception ended ' || to_char(d.excepted_until at time zone 'utc', 'YYYY-MM-DD')
    when e.id is not null then 'its credential ' || e.ref || ' is ' || e.state
    else 'nobody has said that it is contained'
  end as reason
from descendant d left join exposure_state e on e.id = d.exposure_id;
