/** Against OpenSSH itself: every way to sign in, every answer about a host key, every way a script may end. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  isMissing,
  openTestFleet,
  publicLine,
  runOn,
  startTargetSshd,
  type TargetSshd,
} from '../../test/lab/sshd.ts';
import { makeKey } from '../replay/fleet/sshd.ts';
import type { SshHost } from './types.ts';

const run = promisify(execFile);

/** Hosts by address: what the server does with a command that is sent to it. */
const kinds: readonly [address: string, command: string][] = [
  ['127.70.1.1', 'echo "This account is closed" >&2; exit 1'],
  ['127.70.1.2', 'cat'],
  ['127.70.1.3', 'echo "Welcome!"; echo "$SSH_ORIGINAL_COMMAND" >&2; exec sh -s'],
  ['127.70.1.4', 'exec yes noise'],
  ['127.70.1.5', 'sh -s & sleep 0.3; kill -9 $PPID'],
];

const probe = await startTargetSshd({
  config: kinds.flatMap(([address, command]) => [
    `Match LocalAddress ${address}`,
    `  ForceCommand ${command}`,
  ]),
});
const missing = isMissing(probe) ? ` (skipped: ${probe.missing})` : '';

describe.skipIf(isMissing(probe))(`against OpenSSH${missing}`, () => {
  const server = probe as TargetSshd;
  const file = (name: string) => join(server.folder, name);
  const host = (more: Partial<SshHost> = {}): SshHost => ({
    name: 'web-1',
    address: '127.70.0.1',
    port: server.port,
    ...more,
  });
  let settings: object;

  beforeAll(async () => {
    await writeFile(file('known'), server.knownHosts);
    settings = { identities: [{ key: { file: server.identity } }], knownHosts: [file('known')] };
  });
  afterAll(() => server.close());

  const once = async (more: object, where: SshHost, script: string, options = {}) => {
    const fleet = await openTestFleet({ ...settings, ...more });
    try {
      return await runOn(fleet, where, script, options);
    } finally {
      await fleet.close();
    }
  };

  test('a script runs, and its list of processes shows no more than sh', async () => {
    const { outcome, output, errors } = await once(
      {},
      host(),
      'ps -o args= -p $$; echo bad >&2; cat; exit 7',
    );
    expect(outcome).toMatchObject({
      state: 'answered',
      exitCode: 7,
      signal: '',
      truncated: false,
      hostKey: { algorithm: 'ssh-ed25519', trust: 'known' },
    });
    expect(output).toBe('sh -s\n');
    expect(errors).toBe('bad\n');
  });

  test('a signal that ended it is said', async () => {
    const { outcome } = await once({}, host(), 'kill -TERM $$; sleep 5');
    expect(outcome).toMatchObject({ state: 'answered', exitCode: null, signal: 'SIGTERM' });
  });

  test.each(['ed25519', 'rsa', 'ecdsa'])(
    'an %s key with a passphrase, and a certificate of it',
    async (type) => {
      const id = file(`user_${type}`);
      await run('ssh-keygen', ['-q', '-t', type, '-N', 'open sesame', '-f', id]);
      await writeFile(file('passphrase'), 'open sesame\n');
      const identity = { key: { file: id }, passphrase: { file: file('passphrase') } };
      const alone = await once({ identities: [identity] }, host(), 'echo in');
      expect(alone.outcome).toMatchObject({ state: 'refused', code: 'authentication' });
      await makeKey(file(`user_ca_${type}`));
      await run('ssh-keygen', [
        '-q',
        '-s',
        file(`user_ca_${type}`),
        '-I',
        'a person',
        '-n',
        'root',
        `${id}.pub`,
      ]);
      const trusting = await startTargetSshd({
        config: [`TrustedUserCAKeys ${file(`user_ca_${type}`)}.pub`],
        authorizedKeys: [],
      });
      if (isMissing(trusting)) throw new Error(trusting.missing);
      try {
        await writeFile(file('known_ca'), trusting.knownHosts);
        const more = { identities: [identity], knownHosts: [file('known_ca')] };
        const there = host({ port: trusting.port });
        expect((await once(more, there, 'echo in')).outcome).toMatchObject({
          state: 'refused',
          code: 'authentication',
        });
        const certified = await once({ ...more, certificates: [`${id}-cert.pub`] }, there, 'echo in');
        expect(certified).toMatchObject({ outcome: { state: 'answered', exitCode: 0 }, output: 'in\n' });
      } finally {
        await trusting.close();
      }
    },
  );

  test('the keys of an agent, and a certificate of one of them', async () => {
    const socket = file('agent.sock');
    const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const before = process.env.SSH_AUTH_SOCK;
    try {
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      await expect
        .poll(() =>
          run('ssh-add', [server.identity], { env }).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      process.env.SSH_AUTH_SOCK = socket;
      const { outcome } = await once({ identities: [], agent: true }, host(), 'true');
      expect(outcome).toMatchObject({ state: 'answered', exitCode: 0 });
      await makeKey(file('agent_ca'));
      await run('ssh-keygen', [
        '-q',
        '-s',
        file('agent_ca'),
        '-I',
        'a person',
        '-n',
        'root',
        `${server.identity}.pub`,
      ]);
      const trusting = await startTargetSshd({ config: [`TrustedUserCAKeys ${file('agent_ca')}.pub`] });
      if (isMissing(trusting)) throw new Error(trusting.missing);
      await writeFile(file('known_agent'), trusting.knownHosts);
      const more = { identities: [], agent: true, knownHosts: [file('known_agent')] };
      const there = host({ port: trusting.port });
      const without = await once(more, there, 'true');
      const withIt = await once({ ...more, certificates: [`${server.identity}-cert.pub`] }, there, 'true');
      await trusting.close();
      expect(without.outcome).toMatchObject({ state: 'refused', code: 'authentication' });
      expect(withIt.outcome).toMatchObject({ state: 'answered', exitCode: 0 });
    } finally {
      if (before === undefined) delete process.env.SSH_AUTH_SOCK;
      else process.env.SSH_AUTH_SOCK = before;
      agent.kill();
    }
  });

  test('a changed key is a finding with both fingerprints; a revoked and an unknown one are refused', async () => {
    const other = await makeKey(file('other'));
    await writeFile(file('changed'), `[127.70.0.1]:${server.port} ${other}\n`);
    const changed = await once({ knownHosts: [file('changed')], trust: 'first-use' }, host(), 'true');
    expect(changed.outcome).toMatchObject({ state: 'refused', code: 'host-key-changed' });
    const [, seen] = (await run('ssh-keygen', ['-l', '-f', file('host_ed25519.pub')])).stdout.split(' ');
    const [, was] = (await run('ssh-keygen', ['-l', '-f', file('other.pub')])).stdout.split(' ');
    expect(changed.outcome).toMatchObject({
      fact: { seenSha256: seen, known: [`${was} (${file('changed')}:1)`] },
    });
    await writeFile(file('revoked'), `${server.knownHosts}@revoked * ${server.hostKeys[0]}\n`);
    expect((await once({ knownHosts: [file('revoked')] }, host(), 'true')).outcome).toMatchObject({
      state: 'refused',
      code: 'host-key-revoked',
    });
    expect((await once({ knownHosts: [] }, host(), 'true')).outcome).toMatchObject({
      state: 'refused',
      code: 'host-key-unknown',
      fact: { seenSha256: seen },
    });
  });

  test('the first key of a host is believed only after it was written down, and a second one is not', async () => {
    const asked: string[] = [];
    let answer = false;
    const fleet = await openTestFleet(
      { ...settings, knownHosts: [], trust: 'first-use' },
      {
        firstUse: async ({ name }, { line }) => {
          asked.push(`${name} ${line}`);
          return answer;
        },
      },
    );
    expect((await runOn(fleet, host(), 'true')).outcome).toMatchObject({
      state: 'refused',
      code: 'host-key-unknown',
    });
    answer = true;
    expect((await runOn(fleet, host(), 'true')).outcome).toMatchObject({
      state: 'answered',
      hostKey: { trust: 'first-use' },
    });
    expect((await runOn(fleet, host(), 'true')).outcome).toMatchObject({
      state: 'answered',
      hostKey: { trust: 'known' },
    });
    const line = (await publicLine(file('host_ed25519'))).split(' ').slice(0, 2).join(' ');
    expect(asked).toEqual(Array.from({ length: 2 }, () => `web-1 [127.70.0.1]:${server.port} ${line}`));
    await fleet.close();
  });

  test('host certificates: for the host, expired, for another, of another authority', async () => {
    await makeKey(file('host_ca'));
    await makeKey(file('foreign_ca'));
    const certified = async (type: 'ed25519' | 'ecdsa', ca: string, flags: string[]) => {
      const folder = file(`certified_${Math.random().toString(36).slice(2)}`);
      await mkdir(folder);
      const target = await startTargetSshd({
        hostKeys: [type],
        config: [`HostCertificate ${folder}/cert.pub`],
        beforeStart: async (own) => {
          await run('ssh-keygen', [
            '-q',
            '-s',
            file(ca),
            '-I',
            'host',
            '-h',
            ...flags,
            join(own, `host_${type}.pub`),
          ]);
          await writeFile(`${folder}/cert.pub`, await readFile(join(own, `host_${type}-cert.pub`)));
        },
      });
      if (isMissing(target)) throw new Error(target.missing);
      try {
        const more = {
          identities: [{ key: { file: target.identity } }],
          knownHosts: [],
          hostCertificateAuthorities: [await publicLine(file('host_ca'))],
        };
        return (await once(more, host({ port: target.port }), 'true')).outcome;
      } finally {
        await target.close();
      }
    };
    expect(await certified('ed25519', 'host_ca', ['-n', 'web-1'])).toMatchObject({
      state: 'answered',
      hostKey: { trust: 'certificate', algorithm: 'ssh-ed25519-cert-v01@openssh.com' },
    });
    expect(await certified('ecdsa', 'host_ca', ['-n', '127.70.0.1'])).toMatchObject({
      state: 'answered',
      hostKey: { trust: 'certificate' },
    });
    expect(await certified('ed25519', 'host_ca', ['-n', 'web-1', '-V', '20200101:20210101'])).toMatchObject({
      state: 'refused',
      code: 'host-certificate',
      why: expect.stringContaining('it ended at'),
    });
    expect(await certified('ed25519', 'host_ca', ['-n', 'web-2'])).toMatchObject({
      state: 'refused',
      code: 'host-certificate',
      why: expect.stringContaining('for web-2'),
    });
    expect(await certified('ed25519', 'foreign_ca', ['-n', 'web-1'])).toMatchObject({
      state: 'refused',
      code: 'host-certificate',
      why: expect.stringContaining('no authority'),
    });
  });

  test('of several host keys the known one is asked for', async () => {
    const several = await startTargetSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    if (isMissing(several)) throw new Error(several.missing);
    try {
      for (const line of several.hostKeys) {
        await writeFile(file('one'), `[127.*]:${several.port} ${line}\n`);
        const more = { identities: [{ key: { file: several.identity } }], knownHosts: [file('one')] };
        const { outcome } = await once(more, host({ port: several.port }), 'true');
        expect(outcome).toMatchObject({ state: 'answered', hostKey: { algorithm: line.split(' ')[0] } });
      }
    } finally {
      await several.close();
    }
  });

  test('jump hosts: a chain, one that is shared, one that is not there', async () => {
    const fleet = await openTestFleet(settings);
    const chain = `root@127.70.9.1:${server.port},root@127.70.9.2:${server.port}`;
    const { outcome, output } = await runOn(fleet, host({ jump: chain }), 'echo "$SSH_CONNECTION"');
    expect(outcome).toMatchObject({ state: 'answered', exitCode: 0 });
    expect(output).toMatch(new RegExp(`127.70.0.1 ${server.port}\n$`));
    const many = await Promise.all(
      Array.from({ length: 12 }, (_none, index) =>
        runOn(fleet, host({ address: `127.70.2.${index + 1}`, jump: chain }), 'echo $PPID'),
      ),
    );
    expect(many.map(({ outcome: one }) => one.state)).toEqual(Array.from({ length: 12 }, () => 'answered'));
    const behind = await runOn(fleet, host({ port: 1, jump: chain }), 'true');
    expect(behind.outcome).toMatchObject({ state: 'unreachable', code: 'refused' });
    const gone = await runOn(fleet, host({ jump: 'root@127.70.9.3:1' }), 'true');
    expect(gone.outcome).toMatchObject({
      state: 'unreachable',
      code: 'jump',
      why: expect.stringContaining('127.70.9.3'),
    });
    await fleet.close();
  });

  test('ssh_config says how to reach a host; what would run a program is refused', async () => {
    await mkdir(file('conf.d'));
    await writeFile(file('conf.d/a.conf'), `Host web-*\n  User nobody\n  Port ${server.port}\n`);
    await writeFile(
      file('conf.d/b.conf'),
      `Host bastion\n  HostName 127.70.9.1\n  User root\n  Port ${server.port}\n`,
    );
    const text = (more: string) =>
      `Include conf.d/*.conf\nMatch host web-1\n  HostName 127.70.0.1\nHost web-1\n  IdentityFile ${server.identity}\n  UserKnownHostsFile ${file('known')}\n  ProxyJump bastion\nHost bastion\n  UserKnownHostsFile ${file('known')}\n  IdentityFile ${server.identity}\n${more}`;
    await writeFile(file('config'), text(''));
    const configured = { identities: [], knownHosts: [], sshConfig: file('config') };
    const { outcome, output } = await once(
      configured,
      { name: 'web-1', address: 'web-1', user: 'root' },
      'echo "$USER $SSH_CONNECTION"',
    );
    expect(outcome).toMatchObject({ state: 'answered', exitCode: 0 });
    expect(output).toMatch(new RegExp(`^root .* 127.70.0.1 ${server.port}\n$`));
    await writeFile(file('config'), text(`Match host web-1 exec "touch ${file('ran')}"\n  Port 1\n`));
    await expect(once(configured, host(), 'true')).rejects.toMatchObject({
      code: 'bad_input',
      faults: [{ file: file('config'), line: 11 }],
    });
    await expect(readFile(file('ran'))).rejects.toThrow();
  });

  test('sudo: only where it is allowed, and a refusal is told apart', async () => {
    const bin = file('bin');
    await mkdir(bin);
    // It stands for sudo, which the machine of the tests need not have: the account may become root, or not.
    await writeFile(
      join(bin, 'sudo'),
      '#!/bin/sh\n[ "$FB_SUDO" = yes ] || { echo "sudo: a password is required" >&2; exit 1; }\nshift\nexec env AS=root "$@"\n',
      { mode: 0o755 },
    );
    const where = (answer: string) => [
      `Match LocalAddress 127.70.3.${answer === 'yes' ? 1 : 2}`,
      `  ForceCommand PATH=${bin}:$PATH FB_SUDO=${answer} sh -c "$SSH_ORIGINAL_COMMAND"`,
    ];
    const target = await startTargetSshd({
      config: [...where('yes'), ...where('no')],
      users: ['collector'],
    });
    if (isMissing(target)) throw new Error(target.missing);
    try {
      await writeFile(file('known_sudo'), target.knownHosts);
      const more = { identities: [{ key: { file: target.identity } }], knownHosts: [file('known_sudo')] };
      const at = (last: number) =>
        host({ address: `127.70.3.${last}`, port: target.port, user: 'collector' });
      const script = 'echo "${AS:-$USER}"';
      expect(await once(more, at(1), script, { sudo: true })).toMatchObject({
        outcome: { state: 'answered' },
        output: 'root\n',
      });
      expect(await once(more, at(1), script)).toMatchObject({ output: 'collector\n' });
      expect(await once({ ...more, sudo: 'never' }, at(1), script, { sudo: true })).toMatchObject({
        output: 'collector\n',
      });
      expect(await once({ ...more, sudo: 'always' }, at(1), script)).toMatchObject({ output: 'root\n' });
      const no = await once(more, at(2), script, { sudo: true });
      expect(no.outcome).toMatchObject({
        state: 'refused',
        code: 'sudo',
        why: expect.stringContaining('a password is required'),
      });
    } finally {
      await target.close();
    }
  });

  test('accounts without a shell, echoes, greetings and floods', async () => {
    const at = (address: string, script = 'echo out') => once({}, host({ address }), script);
    expect((await at('127.70.1.1')).outcome).toMatchObject({
      state: 'refused',
      code: 'shell',
      why: expect.stringContaining('This account is closed'),
    });
    expect((await at('127.70.1.2')).outcome).toMatchObject({ state: 'refused', code: 'shell' });
    expect(await at('127.70.1.3')).toMatchObject({
      outcome: { state: 'answered' },
      output: 'out\n',
      errors: 'exec sh -s\n',
    });
    expect((await at('127.70.1.4')).outcome).toMatchObject({
      state: 'refused',
      code: 'shell',
      why: expect.stringContaining('prints on and on'),
    });
    expect((await at('127.70.1.5', 'echo out; sleep 2')).outcome).toMatchObject({
      state: 'broken',
      code: expect.stringMatching(/^(lost|no-exit)$/),
      hostKey: { trust: 'known' },
    });
  });

  test('endless output is cut at its bound, a script that hangs at its time, one that left a child when it ends', async () => {
    const much = await once({}, host(), 'yes', { outputBytesMax: 100_000 });
    expect(much.outcome).toMatchObject({
      state: 'answered',
      truncated: true,
      bytes: 100_000,
      exitCode: null,
    });
    expect(much.output).toHaveLength(100_000);
    const loud = await once({}, host(), 'echo out; yes >&2', { outputBytesMax: 1_000 });
    expect(loud.outcome).toMatchObject({ state: 'broken', code: 'protocol' });
    const slow = await once({}, host(), 'echo out; sleep 20', { msMax: 700 });
    expect(slow).toMatchObject({ outcome: { state: 'broken', code: 'timeout', bytes: 4 }, output: 'out\n' });
    const left = await once({}, host(), '(sleep 20 </dev/null &) ; echo out; exit 4');
    expect(left).toMatchObject({ outcome: { state: 'answered', exitCode: 4 }, output: 'out\n' });
    expect((left.outcome as { ms: number }).ms).toBeLessThan(8_000);
  });

  test('a script is given up: before it was sent by rejecting, afterwards as broken', async () => {
    const before = new AbortController();
    before.abort(new Error('no longer wanted'));
    await expect(once({}, host(), 'true', { signal: before.signal })).rejects.toThrow('no longer wanted');
    const during = new AbortController();
    const { outcome } = await once({}, host(), 'echo out; sleep 20', {
      signal: during.signal,
      onOutput: () => during.abort(),
    });
    expect(outcome).toMatchObject({ state: 'broken', code: 'cancelled', bytes: 4 });
  });

  test('a script is run whole or not at all', async () => {
    // The connection ends after half of the script: sh has read `rm -f` without its end.
    const mark = file('half');
    await writeFile(mark, 'still here');
    const half = `rm -f ${mark}\n${'# padding\n'.repeat(5_000)}`;
    const { stdout } = await run('sh', [
      '-c',
      `printf '%s' "$1" | sh -s`,
      'sh',
      `printf x\nfb_main() {\n${half}`,
    ]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('x');
    expect(await readFile(mark, 'utf8')).toBe('still here');
  });

  test('300 addresses, each a host of its own', async () => {
    const fleet = await openTestFleet({ ...settings, concurrency: 64 });
    const hosts = Array.from({ length: 300 }, (_none, index) =>
      host({ name: `h${index}`, address: `127.71.${index >> 7}.${(index & 127) + 1}` }),
    );
    const all = await Promise.all(hosts.map((one) => runOn(fleet, one, 'set -- $SSH_CONNECTION; echo "$3"')));
    expect(all.filter(({ outcome }) => outcome.state !== 'answered')).toEqual([]);
    expect(all.map(({ output }) => output.trim())).toEqual(hosts.map(({ address }) => address));
    await fleet.close();
  });
});
