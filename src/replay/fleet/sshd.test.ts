/** A practice host ends with the process that started it, however that ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isMissing, startTargetSshd } from '../../../test/lab/sshd.ts';
import { packageFile } from '../../kernel/paths.ts';

const probe = await startTargetSshd();
const missing = isMissing(probe) ? probe.missing : undefined;
if (!isMissing(probe)) await probe.close();

const starter = `
  const { startSshd } = await import(process.argv[1]);
  const folder = process.argv[2];
  const { port } = await startSshd({ folder, authorizedKeys: [], ownProcesses: process.getuid() === 0 });
  console.log(port);
  setInterval(() => {}, 1000);
`;

test.skipIf(missing !== undefined)(
  `a server whose starter is killed is gone${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firebreak-sshd-'));
    try {
      const built = packageFile('dist', 'src', 'replay', 'fleet', 'sshd.js');
      const child = spawn(process.execPath, ['--input-type=module', '-e', starter, built, folder]);
      await once(child.stdout, 'data');
      const servers = await processesOf(folder);
      expect(servers.length).toBeGreaterThan(0);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await expect.poll(() => servers.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** Processes, but for the starter, whose command line names the folder. */
async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words[0] !== process.execPath && words.some((word) => word.startsWith(folder)))
      found.push(Number(pid));
  }
  return found;
}
