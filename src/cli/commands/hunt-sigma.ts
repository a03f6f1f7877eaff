/** `firebreak hunt sigma`. */
import type { Command } from 'commander';
import { SigmaResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { type Severity, severities } from '../../domain/hunt/nouns.ts';
import { type Bind, examples, type IncidentOption, incidentParam, usage, withIncident } from '../command.ts';
import { followJob } from '../follow.ts';
import type { Io } from '../io.ts';
import { type PeriodOption, periodOf, withPeriod } from '../period.ts';
import { printSigma, printSigmaCheck } from '../views/sigma.ts';
import type { Outcome } from '../world.ts';

interface SigmaOption extends IncidentOption, PeriodOption {
  rules?: string[];
  placeholders?: string;
  minLevel?: string;
  check?: boolean;
  all?: boolean;
}

async function sigma(io: Io, options: SigmaOption): Promise<Outcome> {
  const client = await io.client();
  const { rules, placeholders, check, all } = options;
  const chosen = {
    ...(rules === undefined ? {} : { rules: rules.map(io.path) }),
    ...(placeholders === undefined ? {} : { placeholdersFile: io.path(placeholders) }),
  };
  if (check) {
    const result = await unwrap(
      client.v1.incidents[':incident'].hunts.sigma.check.$post({ ...incidentParam(options), json: chosen }),
    );
    return {
      json: result,
      print: (paper) => printSigmaCheck(paper, result),
      exitCode: result.notCompiled.length > 0 ? 1 : 0,
    };
  }
  const json = { ...chosen, ...periodOf(options), ...levelOf(options.minLevel) };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].hunts.sigma.$post({ ...incidentParam(options), json }),
  );
  const again = `firebreak hunt sigma${rules ? ` --rules ${rules.join(' ')}` : ''}`;
  const result = await followJob(io, job, { title: 'Looking for rules', schema: SigmaResult, again });
  const isOpen = result.outstanding.length > 0 || result.results.some(({ events }) => events > 0);
  return {
    json: result,
    print: (paper) => printSigma(paper, result, all === true),
    exitCode: isOpen ? 1 : 0,
  };
}

function levelOf(typed: string | undefined): { levelMin?: Severity } {
  if (typed === undefined) return {};
  const level = severities.find((one) => one === typed);
  if (!level) throw usage('--min-level', `one of ${severities.join(', ')}`, typed);
  return { levelMin: level };
}

export function addSigmaCommand(group: Command, bind: Bind): void {
  const command = group
    .command('sigma')
    .description('look for the matches of Sigma rules in every log; correlations too')
    .option('--rules <path...>', 'files and folders of rules (default: those that Firebreak ships)')
    .option('--min-level <level>', `rules of this level and above: ${severities.join(', ')}`)
    .option('--placeholders <file>', 'YAML with values for placeholders such as %Administrators%')
    .option('--check', 'compile only: which rules would be looked for, and why not the others')
    .option('--all', 'also list the rules that matched nothing, and those without a source');
  examples(withPeriod(withIncident(command)).action(bind(sigma)), [
    ['firebreak hunt sigma --min-level medium', 'our own rules'],
    ['firebreak hunt sigma --rules ./sigma/rules/cloud --from 2023-11-14 --to 2023-11-27', 'published rules'],
    ['firebreak hunt sigma --rules rule.yml --check', 'does it compile?'],
  ]);
}
