import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { cloudflareAudit } from './index.ts';

sourceSuite(cloudflareAudit);
