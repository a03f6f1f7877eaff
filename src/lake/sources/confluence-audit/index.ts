/** Confluence's audit log: the files of Data Center, and the answers of its REST API. */
import { auditMap } from '../_atlassian/audit-map.ts';
import { auditProduct } from '../_atlassian/recognise.ts';
import { auditSigma } from '../_atlassian/sigma.ts';
import type { Source } from '../contract.ts';

export const confluenceAudit = {
  id: 'confluence-audit',
  title: 'Confluence audit log (Data Center)',
  docs: 'https://confluence.atlassian.com/doc/audit-log-integrations-in-confluence-985896989.html',
  framing: 'json',
  recordsFields: ['entities'],
  recognise: (record) => auditProduct(record) === 'confluence',
  map: auditMap('data-center'),
  sigma: auditSigma('confluence'),
} satisfies Source;
