import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { atlassianCloud } from './index.ts';

sourceSuite(atlassianCloud);
