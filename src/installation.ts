/**
 * An installation of Firebreak, opened: its data folder or database, its keys, the ledger, the connectors and
 * the engine, wired together. Only src/main.ts and the replay open one.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { ApiPorts } from './api/ports.ts';
import { connectors as registry } from './connectors/registry.ts';
import { dataFolder, type Place } from './data-folder.ts';
import type { Context } from './domain/context.ts';
import { loadOrCreateSigner, openLedger } from './domain/evidence/index.ts';
import { forensicsWorkflows, openEvidenceFolder } from './domain/forensics/index.ts';
import { createSystems, loadConfig, type Systems } from './domain/inventory/index.ts';
import { rebootWorkflows } from './domain/reboot/index.ts';
import { rotationWorkflows } from './domain/rotation/index.ts';
import { type Engine, parseFaults, startEngine } from './engine/index.ts';
import { type WiredFleet, wireFleet } from './fleet-wiring.ts';
import { systemClock } from './kernel/clock.ts';
import { FirebreakError } from './kernel/errors.ts';
import { newId } from './kernel/ids.ts';
import { logger } from './kernel/log.ts';
import { packageFile } from './kernel/paths.ts';
import { systemRandom } from './kernel/random.ts';
import { type Lake, type LakePlace, openLake } from './lake/index.ts';
import { loadLogSettings } from './log-settings.ts';
import { type FolderLock, type Holder, lockFolder } from './store/folder-lock.ts';
import { type Db, openStore, type Store } from './store/index.ts';
import { type Keys, openKeys } from './store/keys.ts';
import { type PostgresServer, startPostgres } from './store/postgres/server.ts';
import { createSealer } from './store/sealing.ts';

interface InstallationOptions extends Place {
  /** What is being run, for others who find the folder in use. */
  command: string;
  env: NodeJS.ProcessEnv;
}

export interface Installation {
  ports: ApiPorts;
  /** The lock of the data folder; undefined with an external database, which many processes share. */
  lock: FolderLock | undefined;
  close(): Promise<void>;
}

const log = logger('installation');
const connectors = new Map(Object.entries(registry));
const databaseName = 'firebreak';
const guardMs = 500;

/** Opens it, or says which process already has it open. */
export async function openInstallation(
  options: InstallationOptions,
): Promise<Installation | { holder: Holder }> {
  const { env } = options;
  if (env.FIREBREAK_DATABASE_URL) return openExternal(options, env.FIREBREAK_DATABASE_URL);
  const folder = await dataFolder(options);
  // Root's PostgreSQL runs as another user, who must pass through; the keys have a closed folder of their own.
  await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const locked = await lockFolder(folder, options.command);
  if ('holder' in locked) return locked;
  try {
    return await openEmbedded(options, folder, locked.lock);
  } catch (error) {
    await locked.lock.release();
    throw error;
  }
}

async function openEmbedded(
  options: InstallationOptions,
  folder: string,
  lock: FolderLock,
): Promise<Installation> {
  const keys = await openKeys(options.env.FIREBREAK_KEYS ?? join(folder, 'keys'));
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    user: 'firebreak',
    password: keys.postgresPassword,
  });
  try {
    await createDatabase(server);
    const guard = guardServer(server);
    const wired = await wire(options, server.url(databaseName), keys, folder);
    const close = async () => {
      await wired.close();
      guard.stop();
      await server.stop();
      await lock.release();
    };
    return { ports: wired.ports, lock, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function openExternal(options: InstallationOptions, url: string): Promise<Installation> {
  const keysFolder = options.env.FIREBREAK_KEYS ?? join(await dataFolder(options), 'keys');
  const wired = await wire(options, url, await openKeys(keysFolder), undefined);
  return { ports: wired.ports, lock: undefined, close: wired.close };
}

async function createDatabase(server: PostgresServer): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** Starts our server again when it dies under us; steps wait for it meanwhile. */
function guardServer(server: PostgresServer): { stop(): void } {
  let busy = false;
  const look = async () => {
    if (busy || (await server.pid()) !== undefined) return;
    busy = true;
    log.warn({ folder: server.folder }, 'our PostgreSQL died; starting it again, and waiting for it');
    await server.restart().then(
      () => log.warn({ folder: server.folder }, 'our PostgreSQL is back'),
      (error: unknown) => log.debug({ error }, 'it did not start yet'),
    );
    busy = false;
  };
  const timer = setInterval(() => void look(), guardMs);
  return { stop: () => clearInterval(timer) };
}

/** The wiring itself: every part gets what it needs, and nothing else is made anywhere. */
async function wire(options: InstallationOptions, url: string, keys: Keys, folder: string | undefined) {
  const store = await openStore(url);
  try {
    const installationId = await claimInstallation(store.db, keys);
    const signer = await loadOrCreateSigner(keys.ledgerKeyFile, `firebreak.dev/ledger/${installationId}`);
    const shared = { clock: systemClock, random: systemRandom, fingerprinter: keys.fingerprinter, signer };
    const ledger = openLedger(store.db, signer, systemClock);
    const sealer = createSealer(store.db, keys.identity);
    const context = (actor: string): Context => ({ ...shared, db: store.db, ledger, sealer, actor });
    const configFile = resolve(options.configFile ?? options.env.FIREBREAK_CONFIG ?? 'firebreak.yaml');
    const systems = once(() => openSystems(configFile));
    const lake = once(async () => openLake(await lakePlace(options, folder)));
    const faults = parseFaults(options.env.FIREBREAK_FAULT);
    const evidence = once(async () =>
      openEvidenceFolder(
        options.env.FIREBREAK_EVIDENCE ?? join(folder ?? (await dataFolder(options)), 'evidence'),
      ),
    );
    const fleet = once(async () => {
      const [known, raw] = await Promise.all([systems(), evidence()]);
      return wireFleet({ context: context('firebreak'), systems: known, lake, evidence: raw, faults });
    });
    const engine = once(async () => {
      const kit = { context: context('firebreak'), systems: await systems(), faults };
      const { kit: forensics, reboot } = await fleet();
      return startEngine({
        url,
        db: store.db,
        clock: systemClock,
        workflows: {
          ...rotationWorkflows(kit),
          ...forensicsWorkflows(forensics),
          ...rebootWorkflows(reboot),
        },
        faults,
      });
    });
    const version = (JSON.parse(await readFile(packageFile('package.json'), 'utf8')) as { version: string })
      .version;
    const ports: ApiPorts = {
      context,
      systems,
      engine,
      lake,
      evidence,
      logs: () => loadLogSettings(configFile),
      faults,
      connectors,
      installation: {
        version,
        folder,
        database: folder ? 'embedded' : 'external',
        keysFolder: keys.folder,
        configFile,
      },
    };
    return { ports, close: () => closeWired(engine, fleet, systems, lake, store) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A ClickHouse server by its address, or a folder of the data folder. */
async function lakePlace(options: InstallationOptions, folder: string | undefined): Promise<LakePlace> {
  const url = options.env.FIREBREAK_CLICKHOUSE_URL;
  return url ? { url } : { folder: join(folder ?? (await dataFolder(options)), 'lake') };
}

/** Makes something when it is first needed, and once; a failure is forgotten, so that it can be tried again. */
interface Once<T> {
  (): Promise<T>;
  made(): Promise<T> | undefined;
}

function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined;
  const get = () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return Object.assign(get, { made: () => made });
}

/** Checks firebreak.yaml and makes its systems; none is opened yet. */
export async function openSystems(configFile: string): Promise<Systems> {
  const config = await loadConfig(configFile, connectors);
  return createSystems(config, connectors, {
    clock: systemClock,
    random: systemRandom,
    log: logger('connectors'),
    fetch,
  });
}

async function closeWired(
  engine: Once<Engine>,
  fleet: Once<WiredFleet>,
  systems: Once<Systems>,
  lake: Once<Lake>,
  store: Store,
): Promise<void> {
  await (await engine.made())?.shutdown();
  await (await fleet.made())?.close();
  await (await systems.made())?.close();
  await (await lake.made())?.close();
  await store.close();
}

/** Binds the database to our keys: another installation's keys must not write into it. Returns its id. */
async function claimInstallation(db: Db, keys: Keys): Promise<string> {
  const id = newId('installation', systemRandom);
  await db
    .insertInto('installation')
    .values({ id, fingerprint_key_id: keys.fingerprintKeyId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db.selectFrom('installation').selectAll().executeTakeFirstOrThrow();
  if (row.fingerprint_key_id === keys.fingerprintKeyId) return row.id;
  throw new FirebreakError(
    'refused',
    `this database belongs to other keys (it has ${row.fingerprint_key_id}, ${keys.folder} has ${keys.fingerprintKeyId}): point FIREBREAK_KEYS to the keys it was made with`,
  );
}
