import { expect, test } from 'vitest';
import { crowdsecLines } from '../../../../test/lab/crowdsec.ts';
import { mapRecords } from '../../../../test/lab/golden.ts';
import { sourceSuite } from '../../../../test/lab/source-suite.ts';
import { linuxAuth } from './index.ts';

sourceSuite(linuxAuth, { baseTime: '2023-12-01T00:00:00.000Z' });

const lines = crowdsecLines(/^(ssh-|sshd|syslog-logs)/, 'crowdsecurity/sshd-logs');
const absent = lines.length === 0;

test.skipIf(absent)(
  `real lines say to others what they say to us${absent ? ' (skipped: they are not here)' : ''}`,
  async () => {
    const rows = await mapRecords(
      linuxAuth,
      lines.map(({ line }) => line),
    );
    expect(rows.filter(({ reject }) => reject !== '')).toEqual([]);
    const known = lines.flatMap(({ line, meta }, index) => {
      const row = rows[index];
      if (meta.source_ip === undefined || row === undefined) return [];
      // To CrowdSec a connection that ends before a user was named is a failed login; to us it is one that ended.
      const failed = meta.log_type === 'ssh_failed-auth' && !/closed by \S+ port/.test(line);
      const user = meta.target_user;
      return [
        {
          ours: [row.src_ip, row.host, user && row.user_name, failed && row.status_id],
          theirs: [meta.source_ip, meta.machine, user, failed && 2],
          line,
        },
      ];
    });
    expect(known.length).toBeGreaterThan(25);
    expect(known.filter(({ ours, theirs }) => String(ours) !== String(theirs))).toEqual([]);
  },
);

test.each([
  // The year is the last one in which the line is not later than the file.
  ['Dec 31 23:59:59', '2024-01-01T00:10:00.000Z', '2023-12-31 23:59:59.000'],
  ['Jan  1 00:00:01', '2024-01-01T00:10:00.000Z', '2024-01-01 00:00:01.000'],
  ['Feb 29 10:00:00', '2025-01-02T00:00:00.000Z', '2024-02-29 10:00:00.000'],
  // A clock that is hours ahead of the one that wrote the file.
  ['Nov 14 20:00:00', '2023-11-14T09:00:00.000Z', '2023-11-14 20:00:00.000'],
])('%s in a file of %s', async (stamp, baseTime, time) => {
  const [row] = await mapRecords(linuxAuth, [`${stamp} h sshd[1]: Invalid user x from 192.0.2.1 port 2`], {
    baseTime,
  });
  expect(row).toMatchObject({ reject: '', time });
});
