import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { okta } from './index.ts';

sourceSuite(okta, { host: 'corp.okta.example' });
