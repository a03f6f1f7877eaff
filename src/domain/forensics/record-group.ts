/**
 * Writes what came back from hosts, many at a time: their facts into the lake with one insert, then their verdicts,
 * findings and chain of custody in one transaction. A host is out of the line only after both.
 */

import { type Faults, noFaults } from '../../engine/index.ts';
import { limits } from '../../kernel/limits.ts';
import type { Entry } from '../evidence/index.ts';
import type { HuntContext } from '../hunt/index.ts';
import type { HostVerdict } from './collections.ts';
import { deleteFacts, insertFacts } from './lake-facts.ts';
import { addLeftovers, dropLeftovers, type Leftover, recordVerdicts, saveFindings } from './store-hosts.ts';
import type { HostFinding } from './types.ts';

/** One host, done. */
export interface Examined {
  verdict: HostVerdict;
  /** Rows for the lake, of `verdict.load`; empty when nothing was seen. */
  facts: string;
  findings: readonly HostFinding[];
  /** Rows of an earlier attempt, which these replace. */
  replaces: string | null;
}

interface GroupTarget {
  collectionId: string;
  incidentId: string;
  /** Of the ledger entries: `triage.examined` or `triage.imported`. */
  kind: string;
  /** What every entry says besides its hosts. */
  data: object;
}

/**
 * Takes hosts as they are done and writes them in groups; `flush` writes the rest, and what is not flushed when it is
 * disposed of is not written. Throws what writing throws.
 */
export class GroupWriter implements AsyncDisposable {
  readonly #context: HuntContext;
  readonly #target: GroupTarget;
  readonly #faults: Faults;
  #group: Examined[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;
  #failed: { error: unknown } | undefined;
  #writing: Promise<void> = Promise.resolve();
  written = 0;

  constructor(context: HuntContext, target: GroupTarget, faults: Faults = noFaults) {
    this.#faults = faults;
    this.#context = context;
    this.#target = target;
  }

  /** Resolves when there is room for more. */
  async add(one: Examined): Promise<void> {
    if (this.#disposed) return;
    if (this.#failed) throw this.#failed.error;
    // Others may be long in coming.
    this.#timer ??= setTimeout(() => this.#flushLate(), limits.triageGroupMsMax);
    this.#group.push(one);
    this.#bytes += one.facts.length;
    if (this.#group.length >= limits.triageGroupHosts || this.#bytes >= limits.triageGroupBytes)
      await this.flush();
  }

  /** One group after the other, so that at most two are held. A group that could not be written fails all later ones. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const group = this.#group;
    this.#group = [];
    this.#bytes = 0;
    this.#writing = this.#writing.then(() => this.#write(group));
    return this.#writing;
  }

  /** Nobody waits for it, so whoever comes next hears of its failure. */
  #flushLate(): void {
    this.flush().catch((error: unknown) => {
      this.#failed = { error };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#timer);
    await this.#writing.catch(() => {});
  }

  async #write(group: readonly Examined[]): Promise<void> {
    if (group.length === 0) return;
    await writeGroup(this.#context, this.#target, group, this.#faults);
    this.written += group.length;
  }
}

async function writeGroup(
  context: HuntContext,
  target: GroupTarget,
  group: readonly Examined[],
  faults: Faults,
): Promise<void> {
  const { collectionId } = target;
  const lake = await context.lake();
  await insertFacts(
    lake,
    group.map((one) => one.facts),
  );
  faults.check('after', 'triage.lake');
  const inForce: Leftover[] = [];
  const replaced: Leftover[] = [];
  for (const { verdict, replaces } of group) {
    if (verdict.load === null) continue;
    inForce.push({ host: verdict.host, load: verdict.load });
    if (replaces !== null && replaces !== verdict.load) replaced.push({ host: verdict.host, load: replaces });
  }
  await context.db.transaction().execute(async (tx) => {
    const withFacts = group.filter((one) => one.verdict.load !== null);
    await saveFindings(tx, collectionId, new Map(withFacts.map((one) => [one.verdict.host, one.findings])));
    await dropLeftovers(tx, collectionId, inForce);
    await addLeftovers(tx, collectionId, replaced);
    const parts = splitToFit(group);
    const numbers = await context.ledger.appendWithin(
      tx,
      parts.map((part) => entryOf(context, target, part)),
    );
    const seqs = new Map(
      parts.flatMap((part, at) => part.map((one) => [one.verdict.host, numbers[at] ?? 0] as const)),
    );
    await recordVerdicts(
      tx,
      collectionId,
      group.map((one) => one.verdict),
      seqs,
    );
  });
  faults.check('after', 'triage.record');
  if (replaced.length === 0) return;
  await deleteFacts(lake, collectionId, replaced);
  await dropLeftovers(context.db, collectionId, replaced);
}

const custodyOf = ({ verdict, findings }: Examined) => {
  const { host, state, code, why, at, tookMs, rawSha256, rawBytes, scriptSha256, exitCode, hostKey, origin } =
    verdict;
  const named = Object.entries({
    code,
    why: why?.slice(0, 300),
    rawSha256,
    rawBytes,
    scriptSha256,
    exitCode,
    hostKey,
    origin,
  });
  return {
    host,
    verdict: state,
    at: at.toISOString(),
    tookMs,
    facts: verdict.facts,
    findings: findings.length,
    ...Object.fromEntries(named.filter(([, value]) => value !== null && value !== undefined && value !== '')),
  };
};

function entryOf(context: HuntContext, target: GroupTarget, group: readonly Examined[]): Entry {
  return {
    kind: target.kind,
    actor: context.actor,
    incidentId: target.incidentId,
    subject: target.collectionId,
    data: { ...target.data, hosts: group.map(custodyOf) },
  };
}

/** Groups whose entries stay below what one ledger entry may hold. */
function splitToFit(group: readonly Examined[]): Examined[][] {
  const parts: Examined[][] = [];
  let room = 0;
  for (const one of group) {
    const bytes = 2 * Buffer.byteLength(JSON.stringify(custodyOf(one)));
    const last = parts.at(-1);
    if (last === undefined || bytes > room) {
      parts.push([one]);
      room = limits.ledgerEntryBytesMax - 8_192 - bytes;
    } else {
      last.push(one);
      room -= bytes;
    }
  }
  return parts;
}
