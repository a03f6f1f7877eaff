import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { bitbucketAccess } from './index.ts';

sourceSuite(bitbucketAccess, { host: 'atlassian-01' });
