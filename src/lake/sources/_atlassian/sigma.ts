/**
 * Sigma's rules for audit logs of Data Center name `auditType.action`, as the files do; the REST API says
 * `type.action` of the same. One view reads either.
 */
import type { SigmaView } from '../contract.ts';

const names = ['action', 'actionI18nKey', 'area', 'category', 'categoryI18nKey', 'level'];

/** Rules may spell a field for the file or for the API: each is looked for where the record has it. */
const spelled = (written: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['auditType', 'type'].flatMap((root) =>
      names.map((name) => [`${root}.${name}`.toLowerCase(), `${written}.${name}`]),
    ),
  );

const inFile = "JSONHas(raw, 'auditType')";

export const auditSigma = (product: string): SigmaView[] => [
  { product, service: 'audit', where: inFile, fields: { kind: 'json', aliases: spelled('auditType') } },
  { product, service: 'audit', where: `NOT ${inFile}`, fields: { kind: 'json', aliases: spelled('type') } },
];
