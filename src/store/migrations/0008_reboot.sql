-- Restarting the fleet: plans, their approvals, and one member a host. A member's stage says how far it got; the
-- boot identity from before stands in its row before anything is asked of the host.

create table reboot_plan (
  id text primary key,
  incident_id text not null references incident,
  -- The immutable plan and the digest that approvals sign.
  plan jsonb not null,
  plan_digest text not null,
  status text not null check (status in ('planned', 'approved', 'running', 'paused', 'stopped', 'cancelled', 'finished')),
  status_reason text,
  control text not null default 'run' check (control in ('run', 'pause', 'cancel')),
  run integer not null default 0,
  created_at timestamptz not null,
  created_by text not null,
  started_at timestamptz,
  finished_at timestamptz
);
create index reboot_plan_incident on reboot_plan (incident_id, created_at);

create table reboot_approval (
  plan_id text not null references reboot_plan,
  approver text not null,
  plan_digest text not null,
  at timestamptz not null,
  ledger_seq bigint not null,
  primary key (plan_id, approver)
);

create table reboot_member (
  plan_id text not null references reboot_plan,
  ordinal integer not null,
  host text not null,
  role text not null,
  wave integer not null,
  batch integer not null,
  action text not null check (action in ('reboot', 'reimage')),
  -- How to reach it, as the inventory had it when the plan was made.
  target jsonb not null,
  stage text not null default 'planned' check (stage in ('planned', 'identified', 'drained', 'requested', 'back', 'proven')),
  status text not null default 'pending' check (status in ('pending', 'running', 'done', 'failed', 'indeterminate', 'cancelled')),
  -- It does not answer, or is being restarted: counted against what its role may have down.
  down boolean not null default false,
  reason_code text,
  reason text,
  identity_before jsonb,
  identity_after jsonb,
  requested_at timestamptz,
  -- How often a restart was asked for.
  requests integer not null default 0,
  proof_seq bigint,
  attempts integer not null default 0,
  updated_at timestamptz not null,
  primary key (plan_id, ordinal)
);
create unique index reboot_member_host on reboot_member (plan_id, host);
create index reboot_member_batch on reboot_member (plan_id, wave, batch);
create index reboot_member_latest on reboot_member (host, updated_at);
