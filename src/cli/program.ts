/** The tree of commands. */
import { Command } from 'commander';
import { type Bind, examples } from './command.ts';
import { addAdvisoryCommands } from './commands/advisory.ts';
import { addConnectorCommands } from './commands/connector.ts';
import { addEvidenceCommands } from './commands/evidence.ts';
import { addExposureCommands } from './commands/exposure.ts';
import { addHuntCommands } from './commands/hunt.ts';
import { addIncidentCommands } from './commands/incident.ts';
import { addInventoryCommands } from './commands/inventory.ts';
import { addHostCommands } from './commands/inventory-hosts.ts';
import { addLogsCommands } from './commands/logs.ts';
import { addRebootCommands } from './commands/reboot.ts';
import { addReportCommands } from './commands/report.ts';
import { addRotateCommands } from './commands/rotate.ts';
import { addSystemCommands } from './commands/system.ts';
import { addTriageCommands } from './commands/triage.ts';

interface ProgramOptions {
  version: string;
  columns?: number;
  /** Takes help and usage errors. */
  write(text: string): void;
}

const exitCodes = `
Exit codes:
  0  done, and nothing is outstanding
  1  something is outstanding or failed; the output says what
  2  usage or bad input; each fault is named
  3  refused: an approval or a permission is missing`;

export function createProgram(bind: Bind, options: ProgramOptions): Command {
  const program = new Command('firebreak')
    .description('A supplier of ours was breached: is every door that this opened shut?')
    .option('--json', 'print exactly one JSON document on stdout')
    .exitOverride()
    .configureOutput({
      writeOut: options.write,
      writeErr: options.write,
      ...(options.columns === undefined ? {} : { getOutHelpWidth: () => options.columns ?? 80 }),
    })
    .configureHelp({ showGlobalOptions: true })
    .version(options.version, '--version', 'print the version');
  for (const add of [
    addSystemCommands,
    addAdvisoryCommands,
    addIncidentCommands,
    addInventoryCommands,
    addHostCommands,
    addExposureCommands,
    addRotateCommands,
    addLogsCommands,
    addHuntCommands,
    addTriageCommands,
    addRebootCommands,
    addEvidenceCommands,
    addReportCommands,
    addConnectorCommands,
  ])
    add(program, bind);
  program.addHelpText('after', exitCodes);
  return examples(program, [
    ['firebreak replay thanksgiving-2023', 'see the whole job done once, on servers of its own'],
    ['firebreak incident open --advisory okta-2023-10', 'begin'],
    ['firebreak incident next', 'what to do now, and why'],
    ['firebreak incident census', 'what is closed and what is not'],
  ]);
}
