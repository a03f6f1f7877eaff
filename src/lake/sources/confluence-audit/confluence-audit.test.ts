import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { confluenceAudit } from './index.ts';

sourceSuite(confluenceAudit);
