/** Audit logs of Atlassian Cloud: the organisation's events, Jira's and Confluence's records. */
import { auditMap } from '../_atlassian/audit-map.ts';
import type { Source } from '../contract.ts';
import { asObject, hasTexts, type JsonObject, jsonObject } from '../json-record.ts';

/** An event of the organisation: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/ */
function isOrganisationEvent(event: JsonObject): boolean {
  const attributes = asObject(event.attributes);
  return (
    attributes !== undefined &&
    hasTexts(attributes, 'time', 'action') &&
    asObject(attributes.actor) !== undefined
  );
}

/** A record of Jira's: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-audit-records/ */
const isJiraRecord = (record: JsonObject): boolean =>
  hasTexts(record, 'summary', 'created', 'category') && ('objectItem' in record || 'eventSource' in record);

/** A record of Confluence's: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-audit/ */
const isConfluenceRecord = (record: JsonObject): boolean =>
  hasTexts(record, 'summary') && 'creationDate' in record && asObject(record.affectedObject) !== undefined;

export const atlassianCloud = {
  id: 'atlassian-cloud',
  title: 'Atlassian Cloud audit logs',
  docs: 'https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/',
  framing: 'json',
  recordsFields: ['data', 'records', 'results'],
  recognise(record) {
    const event = jsonObject(record);
    if (event === undefined) return false;
    return isOrganisationEvent(event) || isJiraRecord(event) || isConfluenceRecord(event);
  },
  map: auditMap('cloud'),
  sigma: [{ product: 'atlassian', service: 'audit', fields: { kind: 'json', aliases: {} } }],
} satisfies Source;
