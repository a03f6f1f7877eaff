/** A domain context on a store of its own, with real connectors: what main.ts wires, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectors as registry } from '../../src/connectors/registry.ts';
import type { Context } from '../../src/domain/context.ts';
import { loadOrCreateSigner, openLedger } from '../../src/domain/evidence/index.ts';
import {
  type EvidenceFolder,
  forensicsWorkflows,
  openEvidenceFolder,
} from '../../src/domain/forensics/index.ts';
import { createSystems, parseConfig, type Systems } from '../../src/domain/inventory/index.ts';
import { rebootWorkflows } from '../../src/domain/reboot/index.ts';
import { rotationWorkflows } from '../../src/domain/rotation/index.ts';
import { type Engine, type Faults, noFaults, startEngine } from '../../src/engine/index.ts';
import { type WiredFleet, wireFleet } from '../../src/fleet-wiring.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { logger } from '../../src/kernel/log.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import type { Lake } from '../../src/lake/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { type Keys, openKeys } from '../../src/store/keys.ts';
import { createSealer } from '../../src/store/sealing.ts';
import { createTestStore } from './store.ts';

export interface DomainLab {
  store: Store;
  keys: Keys;
  context: Context;
  systems: Systems;
  /** A folder of the test's own, for environment files and hand-offs. */
  folder: string;
  evidence: EvidenceFolder;
  /** Workflows that need the lake fail without one. */
  startEngine(faults?: Faults, lake?: () => Promise<Lake>): Promise<Engine>;
  close(): Promise<void>;
}

/** `config` is the text of firebreak.yaml; its relative paths are resolved against the lab's folder. */
export async function openDomainLab(
  config: string | ((folder: string) => Promise<string>),
): Promise<DomainLab> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-lab-'));
  const store = await createTestStore();
  const text = typeof config === 'string' ? config : await config(folder);
  const lab = await wireLab(store, folder, text);
  return {
    ...lab,
    close: async () => {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The lab of another process, by its database and folder. */
export async function openDomainLabOn(place: {
  url: string;
  folder: string;
  config: string;
}): Promise<DomainLab> {
  return wireLab(await openStore(place.url), place.folder, place.config);
}

async function wireLab(store: Store, folder: string, config: string): Promise<DomainLab> {
  const keys = await openKeys(join(folder, 'keys'));
  const signer = await loadOrCreateSigner(keys.ledgerKeyFile, 'firebreak.dev/ledger/test');
  const context: Context = {
    db: store.db,
    ledger: openLedger(store.db, signer, systemClock),
    signer,
    clock: systemClock,
    random: systemRandom,
    fingerprinter: keys.fingerprinter,
    sealer: createSealer(store.db, keys.identity),
    actor: 'tester',
  };
  const connectors = new Map(Object.entries(registry));
  const ports = { clock: systemClock, random: systemRandom, log: logger('connectors'), fetch };
  const systems = createSystems(parseConfig(config, 'firebreak.yaml', folder, connectors), connectors, ports);
  const engines: Engine[] = [];
  const fleets: WiredFleet[] = [];
  const evidence = openEvidenceFolder(join(folder, 'evidence'));
  return {
    store,
    keys,
    context,
    systems,
    folder,
    evidence,
    startEngine: async (faults = noFaults, lake = noLake) => {
      const fleet = wireFleet({ context, systems, lake, evidence, faults });
      fleets.push(fleet);
      const workflows = {
        ...rotationWorkflows({ context, systems, faults }),
        ...forensicsWorkflows(fleet.kit),
        ...rebootWorkflows(fleet.reboot),
      };
      const engine = await startEngine({
        url: store.url,
        db: store.db,
        clock: systemClock,
        workflows,
        faults,
      });
      engines.push(engine);
      return engine;
    },
    close: async () => {
      for (const engine of engines) await engine.shutdown();
      for (const fleet of fleets) await fleet.close();
      await systems.close();
      await store.close();
    },
  };
}

const noLake = () => Promise.reject(new Error('this lab has no lake'));
