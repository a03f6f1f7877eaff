import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mapRecords, sharedFolder } from '../../../../test/lab/golden.ts';
import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { kubernetesAudit } from './index.ts';

sourceSuite(kubernetesAudit);

const material = sharedFolder('crowdsec');
const name = `audit files of other clusters are read whole${material ? '' : ' (skipped: the material is not here)'}`;
test.skipIf(material === undefined)(name, async () => {
  for (const [folder, command] of [
    ['k8s-audit-pod-exec-file', '/bin/bash'],
    ['k8s-audit-priv-pod-file', undefined],
  ] as const) {
    const text = await readFile(join(material ?? '', folder, `${folder}.log`), 'utf8');
    const records = text.trimEnd().split('\n');
    const rows = await mapRecords(kubernetesAudit, records);
    expect(records.every((record) => kubernetesAudit.recognise(record))).toBe(true);
    expect(rows.filter(({ reject }) => reject !== '')).toEqual([]);
    expect(rows.map(({ http_url }) => http_url)).toEqual(
      records.map((record) => (JSON.parse(record) as { requestURI: string }).requestURI),
    );
    if (command !== undefined)
      expect(rows[0]).toMatchObject({ process_cmd_line: command, resource_type: 'pods/exec' });
  }
});
