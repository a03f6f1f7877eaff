/** What the API needs of the installation that it serves. src/installation.ts makes it. */
import type { AnyConnector } from '../connectors/contract.ts';
import type { Context } from '../domain/context.ts';
import type { EvidenceFolder } from '../domain/forensics/index.ts';
import type { DataClass, ExpectedSource } from '../domain/hunt/index.ts';
import type { Systems } from '../domain/inventory/index.ts';
import type { Engine, Faults } from '../engine/index.ts';
import type { Lake, Source } from '../lake/index.ts';

/** What firebreak.yaml and the shipped sources say of logs. */
export interface LogSettings {
  sources: readonly Source[];
  expected: readonly ExpectedSource[];
  /** Protected classes of data, and where they are kept. */
  data: readonly DataClass[];
}

export interface ApiPorts {
  /** The context of the caller: `actor` is who sent the request. */
  context(actor: string): Context;
  /** Throws bad_input with the faults of firebreak.yaml, or not_found when there is none. */
  systems(): Promise<Systems>;
  /** Starts the engine when it is first needed. */
  engine(): Promise<Engine>;
  /** Opens the log lake when it is first needed. */
  lake(): Promise<Lake>;
  /** The kinds of log that are known, and which logs must be there. Throws bad_input with the faults of firebreak.yaml. */
  logs(): Promise<LogSettings>;
  /** Where raw output of hosts is kept. */
  evidence(): Promise<EvidenceFolder>;
  faults: Faults;
  /** Every registered connector by its id. */
  connectors: ReadonlyMap<string, AnyConnector>;
  installation: {
    version: string;
    /** The data folder, or undefined with FIREBREAK_DATABASE_URL. */
    folder: string | undefined;
    database: 'embedded' | 'external';
    keysFolder: string;
    configFile: string;
  };
}
