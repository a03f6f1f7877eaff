/** Wires the examination and the restart of hosts to an installation: the transport with the fleet's settings, the lake, the evidence folder. */
import type { Context } from './domain/context.ts';
import { type EvidenceFolder, type ForensicsKit, trustOnFirstUse } from './domain/forensics/index.ts';
import type { Systems } from './domain/inventory/index.ts';
import type { RebootKit } from './domain/reboot/index.ts';
import type { Faults } from './engine/index.ts';
import { logger } from './kernel/log.ts';
import { readSecret } from './kernel/reference.ts';
import type { Lake } from './lake/index.ts';
import { type Fleet, openFleet } from './ssh/index.ts';

interface FleetParts {
  context: Context;
  systems: Systems;
  lake(): Promise<Lake>;
  evidence: EvidenceFolder;
  faults: Faults;
}

export interface WiredFleet {
  kit: ForensicsKit;
  reboot: RebootKit;
  close(): Promise<void>;
}

/** The transport is opened at the first host. */
export function wireFleet({ context, systems, lake, evidence, faults }: FleetParts): WiredFleet {
  let fleet: Promise<Fleet> | undefined;
  const open = () => {
    fleet ??= openFleet(systems.config.fleet.ssh, {
      clock: context.clock,
      random: context.random,
      log: logger('ssh'),
      resolveSecret: readSecret,
      firstUse: (host, key) => trustOnFirstUse(context, host, key),
    });
    return fleet;
  };
  return {
    kit: { context: { ...context, lake }, fleet: open, evidence, faults },
    reboot: { context, fleet: open, policy: systems.config.fleet.reboot, faults },
    close: async () => (await fleet)?.close(),
  };
}
