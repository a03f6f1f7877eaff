/**
 * The mapping of Atlassian's audit logs. Data Center's three products and the cloud write the same kind of event in
 * several shapes: `event.sql` maps an event, and a file for each shape beside it reads the record.
 */
import { readFileSync } from 'node:fs';
import { packageFile } from '../../../kernel/paths.ts';

const read = (name: string): string =>
  readFileSync(packageFile('src', 'lake', 'sources', '_atlassian', name), 'utf8');

/** The SELECT for one shape. */
export const auditMap = (shape: 'data-center' | 'cloud'): string =>
  read('event.sql').replace('{shape}', () => read(`${shape}.sql`));
