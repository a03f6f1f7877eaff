/** The real API on a domain lab, reached as the command line reaches it in one process. */
import { join } from 'node:path';
import { type AppType, createApi } from '../../src/api/app.ts';
import { type Client, createClient, inProcess } from '../../src/api/index.ts';
import { createJobs, type Jobs } from '../../src/api/jobs-table.ts';
import { connectors } from '../../src/connectors/registry.ts';
import { type Engine, noFaults } from '../../src/engine/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { type Lake, openLake } from '../../src/lake/index.ts';
import { loadLogSettings } from '../../src/log-settings.ts';
import { type DomainLab, openDomainLab } from './domain.ts';

export interface ApiLab {
  domain: DomainLab;
  app: AppType;
  jobs: Jobs;
  client: Client;
  /** The lake that the API works with. */
  lake(): Promise<Lake>;
  close(): Promise<void>;
}

export interface ApiLabOptions {
  requestsPerMinuteMax?: number;
}

/** `config` is the text of firebreak.yaml. The engine starts when it is first needed. */
export async function openApiLab(
  config: Parameters<typeof openDomainLab>[0],
  options: ApiLabOptions = {},
): Promise<ApiLab> {
  const domain = await openDomainLab(config);
  const jobs = createJobs(() => systemClock.now());
  let engine: Promise<Engine> | undefined;
  let open: Promise<Lake> | undefined;
  const lake = () => {
    open ??= openLake({ folder: join(domain.folder, 'lake') });
    return open;
  };
  const app = createApi(
    {
      context: (actor) => ({ ...domain.context, actor }),
      systems: async () => domain.systems,
      engine: () => {
        engine ??= domain.startEngine(noFaults, lake);
        return engine;
      },
      lake,
      logs: () => loadLogSettings(join(domain.folder, 'firebreak.yaml')),
      evidence: async () => domain.evidence,
      faults: noFaults,
      connectors: new Map(Object.entries(connectors)),
      installation: {
        version: '0.0.0-test',
        folder: domain.folder,
        database: 'embedded',
        keysFolder: domain.keys.folder,
        configFile: join(domain.folder, 'firebreak.yaml'),
      },
    },
    { jobs, ...options },
  );
  return {
    domain,
    app,
    jobs,
    lake,
    client: createClient(inProcess(app), 'tester'),
    close: async () => {
      await jobs.stop();
      await (await open)?.close();
      await domain.close();
    },
  };
}
