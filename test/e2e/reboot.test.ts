/** docs/howto/restart-systems.md as a reader would follow it, on hosts that restart over a real OpenSSH server. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RebootPolicy } from '../../src/domain/inventory/index.ts';
import { packageFile } from '../../src/kernel/paths.ts';
import { type RebootingHosts, writeRebootingHosts } from '../../src/replay/fleet/rebooting.ts';
import { isMissing, startTargetSshd, type TargetSshd } from '../lab/sshd.ts';
import { runProgram } from './program.ts';

const isRoot = process.getuid?.() === 0;
const hosts = [
  { name: 'db-1', role: 'database', address: '127.78.1.1', after: 'role:replica' },
  { name: 'replica-1', role: 'replica', address: '127.78.1.2', after: '' },
  { name: 'web-1', role: 'web', address: '127.78.1.3', after: '' },
  { name: 'web-2', role: 'web', address: '127.78.1.4', after: '' },
];

describe.skipIf(!isRoot)(
  `reboot${isRoot ? '' : ' (skipped: hosts with a boot identity of their own need root)'}`,
  () => {
    let [folder, server, rebooting] = ['', {} as TargetSshd, {} as RebootingHosts];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'firebreak-reboot-'));
      // Root's PostgreSQL runs as another user, who must pass through.
      await chmod(folder, 0o711);
      const started = await startTargetSshd({
        beforeStart: async (own) => {
          await mkdir(join(own, 'hosts'));
          rebooting = await writeRebootingHosts(join(own, 'hosts'), hosts);
          await writeFile(join(own, 'reboot.conf'), `${rebooting.config.join('\n')}\n`);
        },
        includes: ['reboot.conf'],
      });
      if (isMissing(started)) throw new Error(started.missing);
      server = started;
      await writeFile(join(folder, 'known_hosts'), server.knownHosts);
      const rows = hosts.map(({ name, address, role, after }) =>
        [name, address, server.port, role, after].join(','),
      );
      await writeFile(join(folder, 'hosts.csv'), `name,address,port,role,after\n${rows.join('\n')}\n`);
      const config = {
        firebreak: 1,
        organisation: 'Test',
        suppliers: [{ id: 'okta', name: 'Okta' }],
        fleet: {
          hosts: ['./hosts.csv'],
          ssh: { identities: [{ key: { file: server.identity } }], knownHosts: ['./known_hosts'] },
          reboot: { command: rebooting.command },
        },
      };
      await writeFile(join(folder, 'firebreak.yaml'), JSON.stringify(config));
    });
    afterAll(async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    });

    test('the commands of the page restart every host once and prove it', async () => {
      const page = await readFile(packageFile('docs', 'howto', 'restart-systems.md'), 'utf8');
      const commands = /^```sh\n(.*?)^```/ms.exec(page)?.[1]?.trim().split('\n') ?? [];
      expect(commands).toHaveLength(5);
      const env = { FIREBREAK_DATA: join(folder, 'data'), FIREBREAK_CONFIG: join(folder, 'firebreak.yaml') };
      for (const command of ['firebreak incident open --advisory okta-2023-10', ...commands]) {
        const run = await runProgram(command.split(' ').slice(1), { env, cwd: folder });
        expect(run.exitCode, `${command}\n${run.stdout}\n${run.stderr}`).toBe(0);
        if (command.endsWith('status')) expect(run.stdout).toContain('finished');
      }
      for (const { address } of hosts) expect(await rebooting.restarts(address)).toBe(1);
      const { stdout } = await runProgram(['reboot', 'show', '--json'], { env, cwd: folder });
      const { members } = JSON.parse(stdout) as {
        members: { host: string; wave: number; proofSeq: number; bootIdAfter: string }[];
      };
      const one = (name: string) => members.find(({ host }) => host === name);
      expect(one('db-1')?.wave).toBeGreaterThan(one('replica-1')?.wave ?? 9);
      expect(one('web-1')?.bootIdAfter).toBe(await rebooting.bootId('127.78.1.3'));
      expect(members.every(({ proofSeq }) => proofSeq > 0)).toBe(true);
      // What is outstanding is an exit code: a host that stays as it was.
      await writeFile(join(rebooting.folderOf('127.78.1.4'), 'gone'), '');
      for (const argv of [
        ['plan', '--hosts', 'web-2'],
        ['approve', '--approver', 'dana'],
      ])
        expect((await runProgram(['reboot', ...argv], { env, cwd: folder })).exitCode).toBe(0);
      const open = await runProgram(['reboot', 'apply'], { env, cwd: folder });
      expect(open.exitCode, open.stdout).toBe(1);
      expect(open.stdout).toContain('web-2');
      // It is counted by its latest plan, holds up the incident, and may be excepted by somebody.
      const typed = async (words: string) => runProgram(words.split(' '), { env, cwd: folder });
      expect((await typed('reboot status')).exitCode).toBe(1);
      expect((await typed('incident close')).stderr).toContain('1 system not proven to have restarted');
      const excepted = await typed(
        `reboot except web-2 --reason dismantled --approver dana --until ${new Date(Date.now() + 9e8).toISOString().slice(0, 10)}`,
      );
      expect(excepted.exitCode, excepted.stderr).toBe(0);
      const status = await typed('reboot status');
      expect(status.exitCode, status.stdout).toBe(0);
      expect(status.stdout).toContain('= 3 + 1 + 0');
      const census = await typed('incident census --json');
      expect(JSON.parse(census.stdout).census.reboots).toMatchObject({
        total: 4,
        proven: 3,
        excepted: 1,
        outstanding: 0,
      });
    });

    test('the example of the page is a valid policy', async () => {
      const page = await readFile(packageFile('docs', 'howto', 'restart-systems.md'), 'utf8');
      const { fleet } = parse(/^```yaml\n(.*?)^```/ms.exec(page)?.[1] ?? '') as {
        fleet: { reboot: unknown };
      };
      expect(RebootPolicy.parse(fleet.reboot).roles.web?.drain).toMatchObject({ on: 'balancer-1' });
    });
  },
);
