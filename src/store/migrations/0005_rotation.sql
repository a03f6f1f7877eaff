-- Campaigns and their members. A member's stage says how far it got, its status whether it stands there in
-- peace; together they are the truth after any crash.

create table campaign (
  id text primary key,
  incident_id text not null references incident,
  -- The immutable plan and the digest that approvals sign.
  plan jsonb not null,
  plan_digest text not null,
  status text not null check (status in ('planned', 'approved', 'running', 'paused', 'stopped', 'cancelled', 'finished')),
  status_reason text,
  -- What people want: read before every batch and every stage.
  control text not null default 'run' check (control in ('run', 'pause', 'cancel')),
  run integer not null default 0,
  run_started_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  started_at timestamptz,
  finished_at timestamptz
);
create index campaign_incident on campaign (incident_id, created_at);

create table campaign_approval (
  campaign_id text not null references campaign,
  approver text not null,
  plan_digest text not null,
  at timestamptz not null,
  ledger_seq bigint not null,
  primary key (campaign_id, approver)
);

create table rotation (
  campaign_id text not null references campaign,
  ordinal integer not null,
  exposure_id text not null references exposure,
  credential_id text not null references credential,
  system text not null,
  wave integer not null,
  batch integer not null,
  stage text not null default 'planned' check (stage in
    ('planned', 'sealed', 'issued', 'delivered', 'verified', 'revoked', 'probed', 'ended', 'proven')),
  status text not null default 'pending' check (status in ('pending', 'running', 'done', 'failed', 'indeterminate', 'cancelled')),
  reason_code text,
  reason text,
  sealed_old bytea,
  -- Whether the old secret that we hold opened the door before we changed it. Only then does its refusal
  -- afterwards prove anything.
  old_accepted boolean,
  sealed_new bytea,
  replacement jsonb,
  cutover text,
  probes jsonb not null default '[]',
  proof_seq bigint,
  attempts integer not null default 0,
  updated_at timestamptz not null,
  primary key (campaign_id, ordinal)
);
create index rotation_batch on rotation (campaign_id, wave, batch);
create index rotation_exposure on rotation (exposure_id);

-- The state of every exposure, and why it is not closed.
create view exposure_state as
select e.id, e.incident_id, e.credential_id, e.created_at, e.proof_seq, e.proved_at, e.replaced_evidence,
  c.ref, c.system, c.kind, c.class, c.name, c.principal, c.environment, c.owner, c.claimed_unused_by,
  x.until as excepted_until, x.approver as excepted_by,
  r.campaign_id, r.stage, r.status,
  case
    when e.proof_seq is not null then 'proven-dead'
    when x.until > now() then 'excepted'
    when e.replaced_evidence is not null then 'replaced'
    else 'outstanding'
  end as state,
  case
    when e.proof_seq is not null then null
    when x.until > now() then x.reason
    when e.replaced_evidence is not null then e.replaced_evidence
    when r.status in ('failed', 'indeterminate', 'cancelled') then r.reason
    when r.status is not null then 'in campaign ' || r.campaign_id || ', stage ' || r.stage
    when x.until is not null then 'the exception ended ' || to_char(x.until at time zone 'utc', 'YYYY-MM-DD')
    else 'no rotation is planned'
  end as reason,
  case
    when e.proof_seq is not null or x.until > now() or e.replaced_evidence is not null then null
    when r.status in ('failed', 'indeterminate', 'cancelled') then coalesce(r.reason_code, r.status)
    when r.status is not null then 'in-campaign'
    else 'not-planned'
  end as reason_code
from exposure e
join credential c on c.id = e.credential_id
left join exposure_exception x on x.exposure_id = e.id
left join lateral (
  select campaign_id, stage, status, reason, reason_code from rotation
  where exposure_id = e.id order by updated_at desc, campaign_id limit 1
) r on true;
