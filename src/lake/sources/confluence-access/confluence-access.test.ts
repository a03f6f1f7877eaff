import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { confluenceAccess } from './index.ts';

sourceSuite(confluenceAccess, { host: 'atlassian-01' });
