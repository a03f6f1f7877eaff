/** Two estates that begin at the same time have their real hosts each for itself. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isMissing, startTargetSshd } from '../../../test/lab/sshd.ts';
import { startFleetEstate } from './index.ts';

const probe = process.getuid?.() === 0 ? await startTargetSshd() : { missing: 'root' };
if (!isMissing(probe)) await probe.close();
const missing = isMissing(probe) ? ` (skipped: ${probe.missing} is missing)` : '';

test.skipIf(missing !== '')(
  `estates that begin together take no host from each other${missing}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firebreak-estates-'));
    const estates = await Promise.all(
      ['a', 'b', 'c'].map((name) => startFleetEstate(join(folder, name), 60)),
    );
    try {
      const real: string[] = [];
      for (const { hostsFile, real: count, realMissing } of estates) {
        expect(realMissing).toBeUndefined();
        const lines = (await readFile(hostsFile, 'utf8'))
          .split('\n')
          .filter((line) => /a real OpenSSH/.test(line));
        expect(lines).toHaveLength(count);
        real.push(...lines.map((line) => line.split(',').slice(1, 3).join(':')));
      }
      expect(real.length).toBeGreaterThan(estates.length);
      expect(new Set(real).size).toBe(real.length);
    } finally {
      await Promise.all(estates.map((estate) => estate.stop()));
      await rm(folder, { recursive: true, force: true });
    }
  },
);
