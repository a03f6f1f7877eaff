-- What an incident leaves open: doubts of a hunt beside the gaps in its logs, and what somebody signs for until a day.

alter table hunt_run add column doubts jsonb not null default '[]';

create table incident_exception (
  incident_id text not null references incident,
  question text not null,
  -- The question as it read when it was signed for.
  what text not null,
  why text not null,
  reason text not null,
  approver text not null,
  until timestamptz not null,
  ledger_seq bigint not null,
  at timestamptz not null,
  primary key (incident_id, question)
);
