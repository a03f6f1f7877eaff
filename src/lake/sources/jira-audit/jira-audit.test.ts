import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { jiraAudit } from './index.ts';

sourceSuite(jiraAudit);
