/** Jira's audit log: the files of Data Center, and the answers of its REST API. */
import { auditMap } from '../_atlassian/audit-map.ts';
import { auditProduct } from '../_atlassian/recognise.ts';
import { auditSigma } from '../_atlassian/sigma.ts';
import type { Source } from '../contract.ts';

export const jiraAudit = {
  id: 'jira-audit',
  title: 'Jira audit log (Data Center)',
  docs: 'https://confluence.atlassian.com/adminjiraserver/audit-log-integrations-in-jira-998879037.html',
  framing: 'json',
  recordsFields: ['entities'],
  recognise: (record) => auditProduct(record) === 'jira',
  map: auditMap('data-center'),
  sigma: auditSigma('jira'),
} satisfies Source;
