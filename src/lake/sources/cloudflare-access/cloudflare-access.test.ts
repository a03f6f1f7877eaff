import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { cloudflareAccess } from './index.ts';

sourceSuite(cloudflareAccess);
