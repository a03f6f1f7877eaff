-- Every kind of plan knows when its present run began.
alter table reboot_plan add column run_started_at timestamptz;
