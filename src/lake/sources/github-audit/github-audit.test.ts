import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { githubAudit } from './index.ts';

sourceSuite(githubAudit);
