/**
 * The response of October 2023 as it should have gone: every exposed credential, also the four that nobody
 * seemed to use. Facts: blog.cloudflare.com/thanksgiving-2023-security-incident/.
 */
import { join } from 'node:path';
import type { Estate } from './estate/index.ts';

export interface Step {
  /** What a responder thinks when typing it. */
  why: string;
  argv: string[];
}

export function thanksgiving2023(estate: Estate): Step[] {
  const file = (name: string) => join(estate.folder, name);
  return [
    { why: 'What exists? Ask the systems themselves.', argv: ['inventory', 'discover'] },
    {
      why: 'And what does our own asset list know that they do not?',
      argv: ['inventory', 'import', estate.assetList, '--source', 'asset-list'],
    },
    {
      why: 'Okta says that its support system was breached.',
      argv: ['incident', 'open', '--advisory', 'okta-2023-10'],
    },
    {
      why: 'We had uploaded browser recordings to support cases. What is in them?',
      argv: ['exposure', 'scan', estate.supportCases],
    },
    {
      why: 'Where in doubt, the worst is assumed.',
      argv: [
        'exposure',
        'match',
        '--precaution',
        'environment=production',
        '--reason',
        'a leaked session could read production secrets; in doubt, assume the worst',
      ],
    },
    {
      why: 'Nobody uses these four, it is said. That closes nothing.',
      argv: ['exposure', 'list', '--claimed-unused'],
    },
    { why: 'Where do we stand?', argv: ['incident', 'census'] },
    { why: 'Plan it all.', argv: ['rotate', 'plan'] },
    {
      why: 'Somebody else reads the plan and signs it.',
      argv: ['rotate', 'approve', '--approver', 'second responder'],
    },
    { why: 'Go.', argv: ['rotate', 'apply'] },
    { why: 'Is every door shut?', argv: ['incident', 'census'] },
    { why: 'Show me one of the four.', argv: ['rotate', 'prove', 'core-db/password/smartsheet_svc'] },
    {
      why: 'The evidence, for somebody who does not trust us.',
      argv: ['evidence', 'export', file('evidence.txt')],
    },
    {
      why: 'Check it as they would, without the database.',
      argv: ['evidence', 'verify', file('evidence.txt')],
    },
    { why: 'The report.', argv: ['report', 'render', '--format', 'html', '--out', file('report.html')] },
    { why: 'What is left to do?', argv: ['incident', 'next'] },
  ];
}
