/**
 * What a stand-in prints when the collector's script is sent to it: the frames that the script itself would print,
 * around records that the practice estate makes up. It reads the script for its nonce and its list of artifacts,
 * and runs nothing.
 */

/** Records of each artifact: a tag and its fields. An artifact without records is one that the host does not have. */
export type Sections = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Undefined when the script is not the collector's. */
export function answerCollector(script: string, sections: Sections, nowSeconds: number): string | undefined {
  const nonce = /^N=([0-9a-f]{16,64});/m.exec(script)?.[1];
  if (nonce === undefined) return undefined;
  const artifacts = [...script.matchAll(/^artifact ([a-z0-9-]+) \d/gm)].map(([, id]) => id ?? '');
  const frames = artifacts.map((id) => frame(nonce, id, sections.get(id)));
  return `@${nonce} firebreak 1 ${nowSeconds} 1 ${artifacts.join(',')}\n${frames.join('')}@${nonce} finish\n`;
}

function frame(
  nonce: string,
  id: string,
  records: Sections extends ReadonlyMap<string, infer R> ? R | undefined : never,
): string {
  const lines = (records ?? [['none', 'this practice host has none']]).map(
    (fields) => `${nonce}\t${fields.join('\t')}\n`,
  );
  const payload = Buffer.from(`${lines.join('')}\n${nonce}\tdone\t0\n`).toString('base64');
  return `@${nonce} begin ${id} base64\n${payload}\n@${nonce} end ${id} ${payload.length}\n`;
}
