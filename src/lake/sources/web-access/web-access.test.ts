import { expect, test } from 'vitest';
import { crowdsecLines } from '../../../../test/lab/crowdsec.ts';
import { mapRecords } from '../../../../test/lab/golden.ts';
import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { webAccess } from './index.ts';

sourceSuite(webAccess, { host: 'www-01' });

const lines = [
  ...crowdsecLines(/^nginx/, 'crowdsecurity/nginx-logs'),
  ...crowdsecLines(/^apache2/, 'crowdsecurity/apache2-logs'),
];
const absent = lines.length === 0;

test.skipIf(absent)(
  `real lines say to others what they say to us${absent ? ' (skipped: they are not here)' : ''}`,
  async () => {
    const rows = await mapRecords(
      webAccess,
      lines.map(({ line }) => line),
    );
    // Error logs are of another format: those lines, and only those, are refused.
    const isError = (line: string) => /^\[|^\d{4}\//.test(line);
    expect(rows.filter(({ line, reject }) => (reject !== '') !== isError(line))).toEqual([]);
    const known = lines.flatMap(({ line, meta }, index) => {
      const row = rows[index];
      if (meta.http_status === undefined || row === undefined || row.reject !== '') return [];
      const path = String(row.http_url).split('?')[0] ?? '';
      return [
        {
          ours: [row.src_ip, String(row.http_status), row.http_user_agent || '-', row.http_method, path],
          theirs: [
            meta.source_ip,
            meta.http_status,
            meta.http_user_agent ?? '-',
            meta.http_verb ?? '',
            (meta.http_path ?? '').split('?')[0],
          ],
          line,
        },
      ];
    });
    expect(known.length).toBeGreaterThan(15);
    expect(known.filter(({ ours, theirs }) => String(ours) !== String(theirs))).toEqual([]);
  },
);
