import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { cloudflareGatewayDns } from './index.ts';

sourceSuite(cloudflareGatewayDns);
