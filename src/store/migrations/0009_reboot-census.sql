-- Which hosts of an incident were to restart, and how each stands.

create table reboot_exception (
  incident_id text not null references incident,
  host text not null,
  reason text not null,
  approver text not null,
  until timestamptz not null,
  ledger_seq bigint not null,
  at timestamptz not null,
  primary key (incident_id, host)
);

-- A host as it stands: by the latest plan that meant it and was not cancelled for it, and the exception in force. Hosts
-- that a plan could not take on are among them, and outstanding.
create view reboot_state as
  select distinct on (p.incident_id, m.host) p.incident_id, m.host, m.plan_id, m.role, m.status,
    case when m.status = 'done' then 'proven' when e.until > now() then 'excepted' else 'outstanding' end as state,
    case when m.status = 'done' then null else coalesce(m.reason_code, m.status) end as code, m.reason, m.proof_seq,
    m.updated_at as at, e.until as excepted_until
  from (
    select plan_id, host, role, status, reason_code, reason, proof_seq, updated_at from reboot_member
    union all
    select q.id, u.host, '', case when q.status = 'cancelled' then 'cancelled' else 'unplanned' end, u.code, u.reason, null, q.created_at
    from reboot_plan q cross join lateral jsonb_to_recordset(q.plan -> 'unplannable' -> 'listed') as u (host text, code text, reason text)
  ) m
  join reboot_plan p on p.id = m.plan_id
  left join reboot_exception e on e.incident_id = p.incident_id and e.host = m.host
  order by p.incident_id, m.host, (m.status = 'cancelled'), p.created_at desc, p.id desc;
