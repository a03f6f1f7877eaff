/** Examines one host: runs the collector on it, keeps what it sent, reads it, and comes to one verdict. */
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { plural, printable } from '../../kernel/text.ts';
import type { RunOutcome } from '../../ssh/index.ts';
import type { Context } from '../context.ts';
import { assess } from './assess/assess.ts';
import type { Collection, HostState, PendingHost } from './collections.ts';
import { buildCollector } from './collector/build.ts';
import { CollectionReader } from './collector/frames.ts';
import type { EvidenceWriter, Kept } from './evidence-folder.ts';
import type { ForensicsKit } from './kit.ts';
import { encodeFacts } from './lake-facts.ts';
import type { Examined } from './record-group.ts';
import type { ArtifactOutcome, Collected, CostClass, HostFinding } from './types.ts';

/** Nothing when the examination was broken off by `signal`: the host stays in line. */
export async function examineHost(
  kit: ForensicsKit,
  collection: Collection,
  host: PendingHost,
  load: string,
  signal: AbortSignal,
): Promise<Examined | undefined> {
  const { context } = kit;
  const nonce = Buffer.from(context.random.bytes(16)).toString('hex');
  // Whoever is asked again may have been too slow before.
  const patience = host.attempts > 0 ? limits.collectPatienceMax : 1;
  const script = buildCollector({ ...collectorOptions(context, collection), nonce, patience });
  const reader = new CollectionReader({ nonce, now: () => context.clock.now() });
  const raw = kit.evidence.create();
  const at = context.clock.now();
  const startedMs = context.clock.monotonicMs();
  const outcome = await runOn(kit, host, script, signal, (chunk) => {
    raw.write(chunk);
    reader.push(chunk);
  });
  if (outcome === undefined || (outcome.state === 'broken' && outcome.code === 'cancelled')) {
    await raw.drop();
    return undefined;
  }
  const answered = outcome.state === 'answered' || outcome.state === 'broken';
  const kept = await keepOrDrop(raw, answered && outcome.bytes > 0);
  const collected = kept ? reader.end() : undefined;
  const result = collected ? readResult(collection, host, load, collected) : undefined;
  const tookMs = Math.round(context.clock.monotonicMs() - startedMs);
  return {
    verdict: {
      host: host.host,
      ...judge(outcome, collected),
      at,
      tookMs,
      load: result ? load : null,
      facts: result?.facts ?? 0,
      score: result?.findings[0]?.score ?? 0,
      identity: result?.identity ?? null,
      artifacts: collected?.artifacts ?? [],
      rawSha256: kept?.sha256 ?? null,
      rawBytes: kept?.bytes ?? null,
      scriptSha256: answered ? sha256Hex(script) : null,
      exitCode: outcome.state === 'answered' ? outcome.exitCode : null,
      hostKey: answered
        ? `${outcome.hostKey.algorithm} ${outcome.hostKey.sha256} (${outcome.hostKey.trust})`
        : null,
      origin: '',
    },
    facts: result?.text ?? '',
    findings: result?.findings ?? [],
    replaces: host.load,
  };
}

/** Fingerprints of secrets are salted alike for all hosts of a collection, so that they can be compared. */
function collectorOptions(
  { fingerprinter }: Pick<Context, 'fingerprinter'>,
  { id, what }: Pick<Collection, 'id' | 'what'>,
): { cost: CostClass; artifacts?: string[]; since?: Date; salt: string } {
  return {
    cost: what.cost,
    ...(what.artifacts.length > 0 ? { artifacts: what.artifacts } : {}),
    ...(what.since === null ? {} : { since: new Date(what.since) }),
    salt: sha256Hex(fingerprinter.ofText(`salt of ${id}`)).slice(0, 32),
  };
}

async function runOn(
  kit: ForensicsKit,
  { host, target }: PendingHost,
  script: string,
  signal: AbortSignal,
  onOutput: (chunk: Buffer) => void,
): Promise<RunOutcome | undefined> {
  const fleet = await kit.fleet();
  try {
    return await fleet.run(
      {
        name: host,
        address: target.address,
        port: target.port,
        ...(target.login === '' ? {} : { user: target.login }),
        ...(target.jump === '' ? {} : { jump: target.jump }),
      },
      {
        script,
        sudo: true,
        outputBytesMax: limits.collectOutputBytesMax,
        msMax: limits.triageScriptMsMax,
        onOutput,
        signal,
      },
    );
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function keepOrDrop(raw: EvidenceWriter, keep: boolean): Promise<Kept | undefined> {
  if (keep) return raw.keep();
  await raw.drop();
  return undefined;
}

interface Result {
  text: string;
  facts: number;
  findings: HostFinding[];
  identity: Collected['identity'];
}

/** What the host's own facts say of it; nothing when it gave none. */
export function readResult(
  collection: Pick<Collection, 'id'>,
  host: Pick<PendingHost, 'host' | 'role' | 'site' | 'environment'>,
  load: string,
  collected: Collected,
): Result | undefined {
  if (collected.facts.length === 0 && collected.artifacts.every((one) => one.state === 'failed'))
    return undefined;
  const findings = assess(collected)
    .sort((a, b) => b.score - a.score)
    .slice(0, limits.hostFindingsMax);
  const { role, site, environment } = host;
  const origin = { collectionId: collection.id, load, host: host.host, role, site, environment };
  return { ...encodeFacts(origin, collected, findings), findings, identity: collected.identity };
}

interface Judgement {
  state: HostState;
  code: string | null;
  why: string | null;
}

/** Examined only when the script ended well and every artifact came whole; what came in part is named. */
export function judge(outcome: RunOutcome, collected: Collected | undefined): Judgement {
  if (outcome.state === 'refused' || outcome.state === 'unreachable') {
    const key =
      outcome.state === 'refused' && outcome.fact
        ? `; it shows ${outcome.fact.seenSha256}, known is ${outcome.fact.known.join(', ') || 'none'}`
        : '';
    return { state: outcome.state, code: outcome.code, why: clean(`${outcome.why}${key}`) };
  }
  const came =
    collected?.artifacts.filter((one) => one.state === 'collected' || one.state === 'partial') ?? [];
  if (outcome.state === 'broken') {
    const code = `broken-${outcome.code}`;
    if (came.length === 0) return { state: 'unreachable', code, why: clean(outcome.why) };
    return { state: 'partial', code, why: clean(`${outcome.why}; ${wanting(collected)}`) };
  }
  if (came.length === 0) {
    const end = outcome.exitCode === null ? `signal ${outcome.signal}` : `exit code ${outcome.exitCode}`;
    return {
      state: 'refused',
      code: 'no-collection',
      why: clean(`it signed us in, but the collector gave nothing (${end}): no POSIX shell?`),
    };
  }
  if (collected && (!collected.complete || outcome.truncated))
    return {
      state: 'partial',
      code: outcome.truncated ? 'too-much' : 'cut-off',
      why: clean(wanting(collected)),
    };
  const bad = (collected?.artifacts ?? []).filter(isWanting);
  if (bad.length === 0) return { state: 'examined', code: null, why: null };
  return { state: 'partial', code: 'artifacts', why: clean(wanting(collected)) };
}

const isWanting = ({ state }: ArtifactOutcome): boolean => state === 'partial' || state === 'failed';

/** `2 artifacts not whole: processes (…), sudoers (…)` */
export function wanting(collected: Collected | undefined): string {
  const bad = (collected?.artifacts ?? []).filter(isWanting);
  if (bad.length === 0) return 'the output broke off';
  const named = bad.slice(0, 8).map(({ artifact, why }) => (why === '' ? artifact : `${artifact} (${why})`));
  const more = bad.length > named.length ? `, and ${bad.length - named.length} more` : '';
  return `${plural(bad.length, 'artifact')} not whole: ${named.join(', ')}${more}`;
}

const clean = (text: string): string => printable(text, 1_000);
