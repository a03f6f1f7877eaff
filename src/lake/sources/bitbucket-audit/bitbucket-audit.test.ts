import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { bitbucketAudit } from './index.ts';

sourceSuite(bitbucketAudit);
