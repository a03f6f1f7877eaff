/** Everything known of one host: verdict, findings, facts by artifact, and how to check the raw output. */
import type { HuntContext } from '../hunt/index.ts';
import type { EvidenceFolder } from './evidence-folder.ts';
import { type FactView, readFacts } from './lake-facts.ts';
import { type FindingRow, getHost, type HostDetail, listFindings, listLeftovers } from './store-hosts.ts';

export interface HostReport {
  host: HostDetail;
  findings: FindingRow[];
  facts: FactView[];
  /** Facts that there are; at most as many as asked for are listed. */
  factsTotal: number;
  /** Where its raw output lies, and a command whose result is its SHA-256; null when none was kept. */
  raw: { sha256: string; bytes: number; path: string; isHere: boolean; check: string } | null;
}

interface ShowInput {
  incidentId: string;
  host: string;
  artifact?: string;
  limit: number;
}

/** Throws not_found when no collection of the incident includes the host. */
export async function showHost(
  context: HuntContext,
  evidence: EvidenceFolder,
  { incidentId, host: name, artifact, limit }: ShowInput,
): Promise<HostReport> {
  const host = await getHost(context.db, incidentId, name);
  const { collectionId } = host;
  const at = { collectionId, host: name, limit, ...(artifact === undefined ? {} : { artifact }) };
  const facts =
    host.facts === 0 || limit === 0
      ? []
      : await readFacts(await context.lake(), at, await listLeftovers(context.db, collectionId, [name]));
  return {
    host,
    findings: await listFindings(context.db, { collectionId, host: name, limit: 1_000 }),
    facts,
    factsTotal: host.facts,
    raw: host.rawSha256 === null ? null : await describeRaw(evidence, host.rawSha256, host.rawBytes ?? 0),
  };
}

async function describeRaw(evidence: EvidenceFolder, sha256: string, bytes: number) {
  const path = evidence.pathOf(sha256);
  return { sha256, bytes, path, isHere: await evidence.has(sha256), check: `gzip -dc '${path}' | sha256sum` };
}
