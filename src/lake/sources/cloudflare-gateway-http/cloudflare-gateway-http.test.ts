import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { cloudflareGatewayHttp } from './index.ts';

sourceSuite(cloudflareGatewayHttp);
