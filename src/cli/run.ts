/** Runs one command line: parses it, acts, shows the outcome, and says with which code to exit. */
import { readFile } from 'node:fs/promises';
import { CommanderError } from 'commander';
import { asFirebreakError, type ExitCode, exitCodeOf } from '../api/index.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { packageFile } from '../kernel/paths.ts';
import type { Bind } from './command.ts';
import { createIo } from './io.ts';
import { createProgram } from './program.ts';
import { createUi, type FullUi } from './ui.ts';
import type { CliWorld } from './world.ts';

/** `argv` is what follows the program's name. Never throws; returns the exit code. */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<number> {
  const ui = createUi(world, wantsJson(argv));
  const usageText: string[] = [];
  let exitCode: ExitCode = 0;
  const bind: Bind =
    (action) =>
    async (...args) => {
      const io = createIo(world, ui, commandName(argv));
      try {
        const outcome = await action(io, ...args);
        exitCode = typeof outcome === 'number' ? outcome : (outcome.exitCode ?? 0);
        if (typeof outcome !== 'number') await ui.finish(outcome);
      } finally {
        await io.close();
      }
    };
  const program = createProgram(bind, {
    version: await readVersion(),
    columns: world.isTTY ? world.columns : undefined,
    write: (text) => usageText.push(text),
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return finishWith(error, usageText.join(''), ui, world);
  }
}

async function finishWith(error: unknown, text: string, ui: FullUi, world: CliWorld): Promise<number> {
  if (error instanceof CommanderError) {
    const isAsked = error.exitCode === 0;
    if (isAsked && !ui.json) world.stdout.write(text);
    else if (isAsked) await ui.finish({ json: { help: text }, print: () => undefined });
    else {
      // A group without a command shows what there is, as it would with --help.
      if (error.code === 'commander.help' && !ui.json) world.stderr.write(`${text}\n`);
      await ui.fail(usageError(error));
    }
    return isAsked ? 0 : 2;
  }
  const known = asFirebreakError(error);
  // With --json stdout holds one document; what fails after it is told on stderr.
  if (ui.json && ui.finished) ui.say(`error: ${known.message}`);
  else await ui.fail(known);
  return exitCodeOf(known.code);
}

/** Commander's message without its own heading, on one line. */
function usageError(error: CommanderError): FirebreakError {
  if (error.code === 'commander.help') return new FirebreakError('bad_input', 'a command is missing');
  return new FirebreakError('bad_input', error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}

/** The words before the first option: `rotate apply cmp_1`. */
function commandName(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith('-'));
  return words.slice(0, 3).join(' ');
}
