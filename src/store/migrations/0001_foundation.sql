-- What every module stands on: the installation itself and the processes that work for it.

create table installation (
  only_row boolean primary key default true check (only_row),
  id text not null,
  -- Names the fingerprint key without giving it away: a process with another key must not write here.
  fingerprint_key_id text not null,
  created_at timestamptz not null default now()
);

create table worker (
  executor_id text primary key,
  pid integer not null,
  host text not null,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);

-- Data keys, each sealed with age to the installation's recipients. What is sealed at rest names its key.
create table sealing_key (
  id text primary key,
  sealed text not null,
  created_at timestamptz not null default now()
);
