/**
 * An ssh_config file, as far as it says how to reach a host: Host and Match (host, originalhost, user, localuser,
 * all), HostName, Port, User, IdentityFile, CertificateFile, ProxyJump, UserKnownHostsFile, HostKeyAlias,
 * StrictHostKeyChecking, Include. What would run a program (Match exec, ProxyCommand, KnownHostsCommand) is
 * refused with its line: reading a configuration runs nothing.
 */
import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import { badInput, type Fault, messageOf } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { matchesGlob } from './glob.ts';

/** What the file says of one host; what it does not say is absent. */
export interface ConfiguredHost {
  hostName?: string;
  port?: number;
  user?: string;
  identityFiles: string[];
  certificateFiles: string[];
  proxyJump?: string;
  knownHostsFiles: string[];
  hostKeyAlias?: string;
  /** `yes`: never believe an unknown key, whatever the settings say. */
  strict: boolean;
}

export interface SshConfigFile {
  of(host: string, user: string | undefined): ConfiguredHost;
  /** Every known_hosts file that it names without a host in its path. */
  knownHostsFiles: string[];
}

const refused =
  /^\s*(match\s+.*\bexec\b|proxycommand\b(?!\s*=?\s*none)|knownhostscommand\b(?!\s*=?\s*none))/i;

/** Reads the file and what it includes. Throws bad_input, unavailable. */
export async function readSshConfig(file: string): Promise<SshConfigFile> {
  const faults: Fault[] = [];
  const lines = await expand(file, dirname(file), 0, faults);
  if (faults.length > 0) throw badInput('ssh_config', faults);
  const config = SSHConfig.parse(lines.join('\n'));
  const named = lines.flatMap(
    (line) =>
      /^\s*(?:UserKnownHostsFile|GlobalKnownHostsFile)\s*=?\s*(.+)$/i.exec(line)?.[1]?.split(/\s+/) ?? [],
  );
  return {
    of: (host, user) => read(config, host, user),
    knownHostsFiles: [
      ...new Set(named.filter((one) => !/%[hnpr]/.test(one)).map((one) => withTokens(one, host0))),
    ],
  };
}

const host0 = { host: '', port: 22, user: '' };

async function expand(file: string, folder: string, depth: number, faults: Fault[]): Promise<string[]> {
  if (depth > limits.sshConfigIncludesMax) {
    faults.push({ file, expected: `includes at most ${limits.sshConfigIncludesMax} deep` });
    return [];
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    faults.push({ file, expected: 'a file that can be read', got: messageOf(error) });
    return '';
  });
  const lines: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (refused.test(line)) {
      faults.push({
        file,
        line: index + 1,
        expected: 'no command to run (ProxyJump instead of ProxyCommand)',
      });
      continue;
    }
    // The parser would look names up in the DNS for it.
    if (/^\s*canonicali[sz]ehostname\b/i.test(line)) continue;
    const include = /^\s*include\s*=?\s*(.+?)\s*$/i.exec(line)?.[1];
    if (include === undefined) lines.push(line);
    else
      for (const one of await included(include, folder))
        lines.push(...(await expand(one, folder, depth + 1, faults)));
  }
  return lines;
}

/** The files of an Include; as for OpenSSH, one that is not there is nothing. `*` stands in a file's name only. */
async function included(text: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const word of text.match(/"[^"]*"|\S+/g) ?? []) {
    const path = withTokens(word.replace(/^"|"$/g, ''), host0);
    const whole = isAbsolute(path) ? path : join(folder, path);
    const names = await readdir(dirname(whole)).catch(() => []);
    files.push(
      ...names
        .sort()
        .filter((name) => matchesGlob(basename(whole), name))
        .map((name) => join(dirname(whole), name)),
    );
  }
  return files;
}

function read(config: SSHConfig, host: string, user: string | undefined): ConfiguredHost {
  const found = config.compute(
    { Host: host, ...(user === undefined ? {} : { User: user }) },
    { ignoreCase: true, matchExec: false },
  );
  const list = (name: string): string[] =>
    [found[name] ?? []].flat().filter((value) => !/^none$/i.test(value));
  const one = (name: string): string | undefined => [found[name] ?? []].flat()[0];
  const port = Number(one('port'));
  const who = {
    host: one('hostname') ?? host,
    port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : 22,
    user: one('user') ?? '',
  };
  const paths = (name: string) => list(name).map((path) => withTokens(path, who));
  const hostName = one('hostname')?.replace(/%h/g, host);
  return {
    ...(hostName && { hostName }),
    ...(one('port') !== undefined && { port: who.port }),
    ...(who.user && { user: who.user }),
    ...(one('proxyjump') !== undefined && { proxyJump: one('proxyjump') }),
    ...(one('hostkeyalias') !== undefined && { hostKeyAlias: one('hostkeyalias') }),
    identityFiles: paths('identityfile'),
    certificateFiles: paths('certificatefile'),
    knownHostsFiles: [...paths('userknownhostsfile'), ...paths('globalknownhostsfile')],
    strict: /^(yes|true)$/i.test(one('stricthostkeychecking') ?? ''),
  };
}

/** `~` and the tokens %d %h %n %p %r %u %% of ssh_config. */
function withTokens(path: string, who: { host: string; port: number; user: string }): string {
  const tokens: Readonly<Record<string, string>> = {
    '%%': '%',
    '%d': homedir(),
    '%h': who.host,
    '%n': who.host,
    '%p': String(who.port),
    '%r': who.user,
    '%u': userInfo().username,
  };
  return path.replace(/^~(?=\/|$)/, homedir()).replace(/%./g, (token) => tokens[token] ?? token);
}
