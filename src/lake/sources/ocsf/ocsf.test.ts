import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { ocsf } from './index.ts';

sourceSuite(ocsf);
