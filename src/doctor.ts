/** `firebreak doctor`: what is there, what is missing, and what to do about it. Nothing is changed. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Check } from './cli/index.ts';
import { connectors as registry } from './connectors/registry.ts';
import { dataFolder } from './data-folder.ts';
import { loadConfig } from './domain/inventory/index.ts';
import { openSystems } from './installation.ts';
import { describeFault, FirebreakError, messageOf } from './kernel/errors.ts';
import { openPool } from './store/index.ts';
import { canReach, findBinaries } from './store/postgres/binaries.ts';

interface DoctorOptions {
  env: NodeJS.ProcessEnv;
  configFile: string;
}

export async function examine(options: DoctorOptions): Promise<Check[]> {
  const checks = [
    checkNode(),
    ...(options.env.FIREBREAK_DATABASE_URL
      ? [await checkExternal(options.env.FIREBREAK_DATABASE_URL)]
      : await checkEmbedded(options)),
  ];
  const config = await checkConfig(options.configFile);
  return [...checks, config, ...(config.status === 'ok' ? await checkSystems(options) : [])];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node.js',
    status: good ? 'ok' : 'failed',
    detail: process.version,
    ...(good ? {} : { fix: 'install 20.19 or later' }),
  };
}

async function checkExternal(url: string): Promise<Check> {
  const pool = openPool(url, 1);
  try {
    const { rows } = await pool.query<{ version: string }>('select version()');
    return { name: 'database', status: 'ok', detail: rows[0]?.version.split(' on ')[0] ?? 'answers' };
  } catch (error) {
    return {
      name: 'database',
      status: 'failed',
      detail: messageOf(error),
      fix: 'check FIREBREAK_DATABASE_URL',
    };
  } finally {
    await pool.end();
  }
}

async function checkEmbedded(options: DoctorOptions): Promise<Check[]> {
  try {
    const { user } = await findBinaries();
    const folder = await dataFolder(options);
    const parent = await existingParent(folder);
    const writable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    );
    const reachable = await canReach(parent, user);
    const asWhom = user.uid === undefined ? 'ourselves' : `user id ${user.uid}`;
    const found: Check = { name: 'PostgreSQL', status: 'ok', detail: `from the packages, runs as ${asWhom}` };
    if (!writable)
      return [
        found,
        {
          name: 'data folder',
          status: 'failed',
          detail: `${folder} can't be written`,
          fix: 'choose another with FIREBREAK_DATA',
        },
      ];
    if (!reachable)
      return [
        found,
        {
          name: 'data folder',
          status: 'failed',
          detail: `user id ${user.uid} can't reach ${folder}`,
          fix: 'choose another with FIREBREAK_DATA, or run as an ordinary user',
        },
      ];
    return [found, { name: 'data folder', status: 'ok', detail: folder }];
  } catch (error) {
    return [
      {
        name: 'PostgreSQL',
        status: 'failed',
        detail: messageOf(error),
        fix: 'run npm ci again, or set FIREBREAK_DATABASE_URL',
      },
    ];
  }
}

async function existingParent(path: string): Promise<string> {
  let folder = resolve(path);
  while (!(await stat(folder).catch(() => undefined))) folder = dirname(folder);
  return folder;
}

async function checkConfig(file: string): Promise<Check> {
  try {
    const config = await loadConfig(file, new Map(Object.entries(registry)));
    return { name: 'firebreak.yaml', status: 'ok', detail: `${file}: ${config.systems.length} systems` };
  } catch (error) {
    const known = error instanceof FirebreakError && error.faults[0];
    const detail = known ? describeFault(known) : messageOf(error);
    return {
      name: 'firebreak.yaml',
      status: 'failed',
      detail,
      fix: 'firebreak init writes one to begin with',
    };
  }
}

async function checkSystems(options: DoctorOptions): Promise<Check[]> {
  const systems = await openSystems(options.configFile);
  const checks = await Promise.all(
    systems.config.systems.map(
      ({ name }): Promise<Check> =>
        systems.open(name).then(
          (session) => ({ name, status: 'ok', detail: `lets us in as ${session.admin}` }),
          (error: unknown) => ({
            name,
            status: 'failed',
            detail: messageOf(error),
            fix: `look at system ${name} in firebreak.yaml, and whether it runs`,
          }),
        ),
    ),
  );
  await systems.close();
  return checks;
}
