/**
 * Which product wrote an audit record of Data Center. The products share the format, so that the keys of the texts
 * tell them apart, and for events that are common to all of them the author, the objects and the address of the site.
 */
import { asObject, hasTexts, type JsonObject, jsonObject } from '../json-record.ts';

export type AuditProduct = 'jira' | 'confluence' | 'bitbucket';

const keysOf: readonly [AuditProduct, RegExp][] = [
  ['bitbucket', /^(com\.atlassian\.)?(bitbucket|stash)\b/],
  ['jira', /^((com\.atlassian\.)?(jira|servicedesk|greenhopper)\b|issuenav\b|sd\.)/],
  ['confluence', /^(audit\.logging\.|(com\.atlassian\.)?confluence\b)/],
];

const authorsOf: Readonly<Record<string, AuditProduct>> = {
  ApplicationUser: 'jira',
  NORMAL: 'bitbucket',
  SERVICE: 'bitbucket',
};

const sitesOf: readonly [AuditProduct, RegExp][] = [
  ['bitbucket', /\b(bitbucket|stash)/i],
  ['jira', /\b(jira|issues|servicedesk)/i],
  ['confluence', /\b(confluence|wiki)/i],
];

/** The product, or nothing when the record is no audit record of Data Center or may be of any of them. */
export function auditProduct(record: string): AuditProduct | undefined {
  const event = jsonObject(record);
  if (event === undefined || !Array.isArray(event.affectedObjects) || !('timestamp' in event)) return;
  const type = asObject(event.auditType) ?? asObject(event.type);
  if (type === undefined || !hasTexts(type, 'action')) return;
  const author = asObject(event.author) ?? {};
  return (
    find(keysOf, type.actionI18nKey, type.categoryI18nKey) ??
    authorsOf[String(author.type)] ??
    fromExtras(event) ??
    find(sitesOf, author.uri, event.system)
  );
}

function find(
  table: readonly [AuditProduct, RegExp][],
  ...texts: readonly unknown[]
): AuditProduct | undefined {
  for (const text of texts)
    for (const [product, pattern] of table)
      if (typeof text === 'string' && pattern.test(text)) return product;
  return;
}

const list = (value: unknown): JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).map((one) => asObject(one) ?? {});

/** Keys of what was changed and added, and the objects' own ids. */
function fromExtras(event: JsonObject): AuditProduct | undefined {
  if (list(event.affectedObjects).some(({ id }) => String(id).startsWith('JIRAUSER'))) return 'jira';
  return find(
    keysOf,
    ...list(event.extraAttributes).map(({ nameI18nKey }) => nameI18nKey),
    ...list(event.changedValues).map(({ i18nKey }) => i18nKey),
  );
}
