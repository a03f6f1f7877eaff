/** GitHub's audit log: what was done in an organisation or enterprise, git included. */
import type { Source } from '../contract.ts';
import { hasTexts, jsonObject } from '../json-record.ts';

export const githubAudit = {
  id: 'github-audit',
  title: 'GitHub audit log',
  docs: 'https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization',
  framing: 'json',
  recognise(record) {
    const event = jsonObject(record);
    if (
      event === undefined ||
      !hasTexts(event, 'action') ||
      !/^[a-z0-9_]+\.[a-z0-9_.]+$/.test(String(event.action))
    )
      return false;
    return (
      '@timestamp' in event &&
      ('_document_id' in event || 'org' in event || 'business' in event || 'actor' in event)
    );
  },
  sigma: [{ product: 'github', service: 'audit', fields: { kind: 'json', aliases: {} } }],
} satisfies Source;
