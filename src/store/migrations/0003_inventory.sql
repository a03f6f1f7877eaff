-- What exists, and which source says so. A credential's row is the merged view; the claims are what each
-- source said, kept so that what only one source knows can be listed.

create table system (
  name text primary key,
  kind text not null,
  connector text,
  environment text,
  owner text,
  version text,
  attributes jsonb not null default '{}',
  seen_at timestamptz not null
);

create table identity (
  system text not null,
  name text not null,
  kind text not null default 'unknown' check (kind in ('human', 'service', 'unknown')),
  attributes jsonb not null default '{}',
  seen_at timestamptz not null,
  primary key (system, name)
);

create table credential (
  id text primary key,
  -- system/kind/name: how people name it.
  ref text not null unique,
  system text not null,
  kind text not null,
  class text not null,
  name text not null,
  principal text,
  environment text,
  owner text,
  suppliers text[] not null default '{}',
  fingerprint text,
  -- Where the present secret can be read; never the secret.
  secret_ref jsonb,
  -- Where a replacement goes.
  delivery jsonb,
  -- A secret found by a scan, sealed, so that it can be tried and proven dead.
  sealed_secret bytea,
  changed_at timestamptz,
  -- What shows that changed_at is true; without it a change closes nothing.
  changed_evidence text,
  changed_no_later_than timestamptz,
  last_used_at timestamptz,
  expires_at timestamptz,
  -- Somebody says that nobody uses it. A claim: it closes nothing.
  claimed_unused_by text,
  attributes jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index credential_fingerprint on credential (fingerprint) where fingerprint is not null;
create index credential_system on credential (system, kind);
create index credential_suppliers on credential using gin (suppliers);

create table credential_claim (
  credential_id text not null references credential,
  source text not null,
  says jsonb not null,
  seen_at timestamptz not null,
  primary key (credential_id, source)
);
create index credential_claim_source on credential_claim (source);

create table access_grant (
  system text not null,
  identity text not null,
  resource text not null,
  privilege text not null,
  seen_at timestamptz not null,
  primary key (system, identity, resource, privilege)
);

-- One run of a discovery or an import: what was read, what was refused.
create table inventory_run (
  id text primary key,
  source text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  records bigint not null default 0,
  accepted bigint not null default 0,
  rejected bigint not null default 0,
  ledger_seq bigint
);
