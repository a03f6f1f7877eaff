import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { vaultAudit } from './index.ts';

sourceSuite(vaultAudit, { host: 'vault-01' });
