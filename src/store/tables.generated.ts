// Written by `npm run gen` from the migrations; a test compares it. Do not edit.
import type { Generated } from 'kysely';

export interface Tables {
  access_grant: {
    system: string;
    identity: string;
    resource: string;
    privilege: string;
    seen_at: Date;
  };
  advisory: {
    id: string;
    digest: string;
    document: unknown;
    imported_at: Date;
  };
  campaign: {
    id: string;
    incident_id: string;
    plan: unknown;
    plan_digest: string;
    status: string;
    status_reason: string | null;
    control: Generated<string>;
    run: Generated<number>;
    run_started_at: Date | null;
    created_at: Date;
    created_by: string;
    started_at: Date | null;
    finished_at: Date | null;
  };
  campaign_approval: {
    campaign_id: string;
    approver: string;
    plan_digest: string;
    at: Date;
    ledger_seq: number;
  };
  credential: {
    id: string;
    ref: string;
    system: string;
    kind: string;
    class: string;
    name: string;
    principal: string | null;
    environment: string | null;
    owner: string | null;
    suppliers: Generated<string[]>;
    fingerprint: string | null;
    secret_ref: unknown | null;
    delivery: unknown | null;
    sealed_secret: Buffer | null;
    changed_at: Date | null;
    changed_evidence: string | null;
    changed_no_later_than: Date | null;
    last_used_at: Date | null;
    expires_at: Date | null;
    claimed_unused_by: string | null;
    attributes: Generated<unknown>;
    created_at: Date;
    updated_at: Date;
  };
  credential_claim: {
    credential_id: string;
    source: string;
    says: unknown;
    seen_at: Date;
  };
  dead_secret: {
    fingerprint: string;
    credential_id: string;
    ledger_seq: number;
    proved_at: Date;
  };
  exposure: {
    id: string;
    incident_id: string;
    credential_id: string;
    created_at: Date;
    proof_seq: number | null;
    proved_at: Date | null;
    replaced_evidence: string | null;
  };
  exposure_exception: {
    exposure_id: string;
    reason: string;
    approver: string;
    until: Date;
    ledger_seq: number;
    at: Date;
  };
  exposure_reason: {
    exposure_id: string;
    kind: string;
    source: string;
    explanation: string;
    ledger_seq: number | null;
    at: Date;
  };
  exposure_state: {
    id: string | null;
    incident_id: string | null;
    credential_id: string | null;
    created_at: Date | null;
    proof_seq: number | null;
    proved_at: Date | null;
    replaced_evidence: string | null;
    ref: string | null;
    system: string | null;
    kind: string | null;
    class: string | null;
    name: string | null;
    principal: string | null;
    environment: string | null;
    owner: string | null;
    claimed_unused_by: string | null;
    excepted_until: Date | null;
    excepted_by: string | null;
    campaign_id: string | null;
    stage: string | null;
    status: string | null;
    state: string | null;
    reason: string | null;
    reason_code: string | null;
  };
  identity: {
    system: string;
    name: string;
    kind: Generated<string>;
    attributes: Generated<unknown>;
    seen_at: Date;
  };
  incident: {
    id: string;
    title: string;
    advisory_id: string;
    advisory: unknown;
    opened_at: Date;
    opened_by: string;
    closed_at: Date | null;
    closed_by: string | null;
  };
  installation: {
    only_row: Generated<boolean>;
    id: string;
    fingerprint_key_id: string;
    created_at: Generated<Date>;
  };
  inventory_run: {
    id: string;
    source: string;
    started_at: Date;
    finished_at: Date | null;
    records: Generated<number>;
    accepted: Generated<number>;
    rejected: Generated<number>;
    ledger_seq: number | null;
  };
  ledger_checkpoint: {
    size: number;
    root: Buffer;
    note: string;
    at: Date;
  };
  ledger_entry: {
    seq: number;
    at: Date;
    actor: string;
    kind: string;
    incident_id: string | null;
    subject: string | null;
    body: string;
    leaf_hash: Buffer;
  };
  ledger_tile: {
    level: number;
    index: number;
    hashes: Buffer;
  };
  rotation: {
    campaign_id: string;
    ordinal: number;
    exposure_id: string;
    credential_id: string;
    system: string;
    wave: number;
    batch: number;
    stage: Generated<string>;
    status: Generated<string>;
    reason_code: string | null;
    reason: string | null;
    sealed_old: Buffer | null;
    old_accepted: boolean | null;
    sealed_new: Buffer | null;
    replacement: unknown | null;
    cutover: string | null;
    probes: Generated<unknown>;
    proof_seq: number | null;
    attempts: Generated<number>;
    updated_at: Date;
  };
  scan: {
    id: string;
    incident_id: string;
    started_at: Date;
    finished_at: Date | null;
    paths: string[];
    files: Generated<number>;
    bytes: Generated<number>;
    errors: Generated<unknown>;
  };
  scan_hit: {
    scan_id: string;
    fingerprint: string;
    file: string;
    place: string;
    kind: string;
    class: string;
    detail: Generated<unknown>;
    credential_id: string | null;
  };
  sealing_key: {
    id: string;
    sealed: string;
    created_at: Generated<Date>;
  };
  system: {
    name: string;
    kind: string;
    connector: string | null;
    environment: string | null;
    owner: string | null;
    version: string | null;
    attributes: Generated<unknown>;
    seen_at: Date;
  };
  worker: {
    executor_id: string;
    pid: number;
    host: string;
    started_at: Generated<Date>;
    heartbeat_at: Generated<Date>;
  };
}
