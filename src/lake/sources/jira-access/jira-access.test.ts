import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { jiraAccess } from './index.ts';

sourceSuite(jiraAccess, { host: 'atlassian-01' });
