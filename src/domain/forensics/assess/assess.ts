/** What stands out on one host by itself: every rule over every fact of its artifact. Pure; the same facts give the same findings. */
import { limits } from '../../../kernel/limits.ts';
import type { Collected, Fact, HostFinding } from '../types.ts';
import { HostView } from './host-view.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules/index.ts';

const byArtifact = new Map<string, Rule[]>();
for (const rule of rules) byArtifact.set(rule.artifact, [...(byArtifact.get(rule.artifact) ?? []), rule]);

/**
 * Findings, highest score first, also those below the line. With a baseline, a known-good host of the same kind,
 * what is exactly the same there is left out.
 */
export function assess(collected: Collected, baseline?: Collected): HostFinding[] {
  const host = new HostView(collected);
  const known = new Set((baseline?.facts ?? []).map(identityOf));
  const findings = collected.facts.flatMap((fact) => {
    if (known.has(identityOf(fact))) return [];
    return (byArtifact.get(fact.artifact) ?? []).flatMap((rule) => {
      const judgement = rule.judge(fact, host);
      if (!judgement || judgement.score <= 0) return [];
      const { score, why, technique = rule.technique } = judgement;
      return [
        { rule: rule.id, title: rule.title, why, technique, score: Math.min(100, Math.round(score)), fact },
      ];
    });
  });
  return findings
    .sort(
      (one, other) =>
        other.score - one.score || one.rule.localeCompare(other.rule) || compare(one.fact, other.fact),
    )
    .slice(0, limits.hostFindingsMax);
}

const identityOf = ({ artifact, key, value }: Fact): string => `${artifact}\u0000${key}\u0000${value}`;

const compare = (one: Fact, other: Fact): number => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
