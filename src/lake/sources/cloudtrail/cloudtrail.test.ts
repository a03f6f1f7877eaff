import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { cloudtrail } from './index.ts';

sourceSuite(cloudtrail);
