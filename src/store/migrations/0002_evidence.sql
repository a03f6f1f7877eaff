-- The ledger: an RFC 6962 tree. Entries are only ever inserted; the trigger refuses anything else.

create table ledger_entry (
  seq bigint primary key,
  at timestamptz not null,
  actor text not null,
  kind text not null,
  incident_id text,
  subject text,
  -- The canonical JSON that was hashed; the columns above are copies for searching.
  body text not null,
  leaf_hash bytea not null check (length(leaf_hash) = 32)
);
create index ledger_entry_subject on ledger_entry (subject, seq) where subject is not null;
create index ledger_entry_incident on ledger_entry (incident_id, kind, seq) where incident_id is not null;

-- C2SP tlog-tiles: up to 256 hashes of 32 bytes. Level 0 would hold the leaf hashes, which stand in
-- ledger_entry already; only the levels above are kept, so a small batch does not rewrite a tile of 8 KB.
create table ledger_tile (
  level integer not null check (level >= 1),
  index bigint not null,
  hashes bytea not null check (length(hashes) % 32 = 0 and length(hashes) <= 8192),
  primary key (level, index)
);

-- Signed notes, one a batch; the one with the greatest size is the head.
create table ledger_checkpoint (
  size bigint primary key,
  root bytea not null check (length(root) = 32),
  note text not null,
  at timestamptz not null
);

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only';
end $$;
create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
  for each statement execute function ledger_is_append_only();
create trigger ledger_checkpoint_append_only before update or delete or truncate on ledger_checkpoint
  for each statement execute function ledger_is_append_only();
