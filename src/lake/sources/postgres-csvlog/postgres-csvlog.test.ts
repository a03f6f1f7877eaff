import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { postgresCsvlog } from './index.ts';

sourceSuite(postgresCsvlog, { host: 'core-db' });
