import { expect, test } from 'vitest';
import { crowdsecLines } from '../../../../test/lab/crowdsec.ts';
import { mapRecords } from '../../../../test/lab/golden.ts';
import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { auditd } from './index.ts';

sourceSuite(auditd, { host: 'atlassian-01' });

const lines = crowdsecLines(/^auditd/, 'crowdsecurity/auditd-logs');
const absent = lines.length === 0;

test.skipIf(absent)(
  `real lines say to others what they say to us${absent ? ' (skipped: they are not here)' : ''}`,
  async () => {
    const rows = await mapRecords(
      auditd,
      lines.map(({ line }) => line),
    );
    expect(rows.filter(({ reject }) => reject !== '')).toEqual([]);
    const known = lines.flatMap(({ line, meta }, index) => {
      const row = rows[index];
      if (meta.exe === undefined || row === undefined) return [];
      const fields = row.fields as Record<string, string>;
      return [
        {
          ours: [row.process_path, row.parent_pid, fields.uid, fields.auid, fields.tty],
          theirs: [meta.exe.replaceAll('"', ''), meta.ppid, meta.uid, meta.auid, meta.tty],
          line,
        },
      ];
    });
    expect(known.length).toBeGreaterThan(3);
    expect(known.filter(({ ours, theirs }) => String(ours) !== String(theirs))).toEqual([]);
  },
);
