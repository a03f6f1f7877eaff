/** Bitbucket's audit log: the files of Data Center, and the answers of its REST API. */
import { auditMap } from '../_atlassian/audit-map.ts';
import { auditProduct } from '../_atlassian/recognise.ts';
import { auditSigma } from '../_atlassian/sigma.ts';
import type { Source } from '../contract.ts';

export const bitbucketAudit = {
  id: 'bitbucket-audit',
  title: 'Bitbucket audit log (Data Center)',
  docs: 'https://confluence.atlassian.com/bitbucketserver/audit-log-integrations-in-bitbucket-996643661.html',
  framing: 'json',
  recordsFields: ['entities'],
  recognise: (record) => auditProduct(record) === 'bitbucket',
  map: auditMap('data-center'),
  sigma: auditSigma('bitbucket'),
} satisfies Source;
