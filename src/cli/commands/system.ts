/** Commands about the program itself: init, serve, worker, doctor, replay, completion. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import { type AddCommands, type Bind, examples, usage } from '../command.ts';
import { completionScript, type Shell, shells } from '../completion.ts';
import { number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, good, type Toned, warn } from '../paper.ts';
import { configSkeleton } from '../skeleton.ts';
import type { Check, Outcome } from '../world.ts';

async function init(io: Io, { file }: { file: string }): Promise<Outcome> {
  const path = io.path(file);
  await writeFile(path, configSkeleton, { flag: 'wx', mode: 0o644 }).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new FirebreakError(
        'conflict',
        `${path} is there already, and stays as it is: name another with --file`,
        { cause },
      );
    throw new FirebreakError('unavailable', `can't write ${path}: ${messageOf(cause)}`, { cause });
  });
  return {
    json: { file: path },
    print: (paper) => {
      paper.line(good('written'), `  ${path}`);
      paper.line('Say in it what you have, then: ', bold('firebreak doctor'));
    },
  };
}

async function doctor(io: Io): Promise<Outcome> {
  const checks = await io.world.doctor();
  const failed = checks.filter(({ status }) => status === 'failed').length;
  return {
    json: { ok: failed === 0, checks },
    print: (paper) => {
      const rows = checks.map((one) => [
        toneOf(one),
        bold(one.name),
        one.fix === undefined ? one.detail : `${one.detail}. ${one.fix}`,
      ]);
      paper.table([{ title: '' }, { title: '' }, { title: '' }], rows);
      paper
        .space()
        .line(
          failed === 0
            ? good('Ready.')
            : bad(`${number(failed)} of ${plural(checks.length, 'check')} failed.`),
        );
    },
    exitCode: failed > 0 ? 1 : 0,
  };
}

function toneOf({ status }: Check): Toned {
  if (status === 'ok') return good(status);
  return status === 'warning' ? warn(status) : bad(status);
}

async function completion(_io: Io, shell: string, program: Command): Promise<Outcome> {
  const known = shells.find((one) => one === shell);
  if (!known) throw usage('shell', `one of ${shells.join(', ')}`, shell);
  return printScript(known, completionScript(known, program));
}

/** The script goes to stdout as it is: it is for a shell, not for people. */
function printScript(shell: Shell, script: string): Outcome {
  return {
    json: { shell, script },
    print: (paper) => {
      for (const line of script.trimEnd().split('\n')) paper.line(line);
    },
  };
}

/** A whole number in a range. */
function readNumber(field: string, typed: string, min: number, max: number): number {
  const value = Number(typed);
  if (!Number.isFinite(value) || value < min || value > max)
    throw usage(field, `a number from ${min} to ${max}`, typed);
  return value;
}

const portMax = 65_535;
const scaleMax = 100;

export const addSystemCommands: AddCommands = (program, bind) => {
  examples(
    program
      .command('init')
      .description('write a commented firebreak.yaml to begin with, and nothing else')
      .option('--file <file>', 'where', 'firebreak.yaml')
      .action(bind(init)),
    [['firebreak init', 'then edit firebreak.yaml']],
  );
  examples(
    program
      .command('doctor')
      .description('look at what Firebreak needs here, and say what to do about what is missing')
      .action(bind(doctor)),
    [['firebreak doctor', 'exit 1 when something is missing']],
  );
  addProcesses(program, bind);
  examples(
    program
      .command('completion')
      .argument('<shell>', shells.join(', '))
      .description('print a completion script for your shell')
      .action(bind((io: Io, shell: string) => completion(io, shell, program))),
    [
      ['source <(firebreak completion bash)', 'in ~/.bashrc'],
      ['firebreak completion fish > ~/.config/fish/completions/firebreak.fish', 'once'],
    ],
  );
};

function addProcesses(program: Command, bind: Bind): void {
  examples(
    program
      .command('serve')
      .description('serve the API; other commands then talk to this process')
      .option('--host <host>', 'address to listen on', '127.0.0.1')
      .option('--port <port>', 'port to listen on; 0 is any free one', '7411')
      .action(
        bind(async (io: Io, { host, port }: { host: string; port: string }) =>
          toExitCode(await io.world.serve({ host, port: readNumber('--port', port, 0, portMax) }, io)),
        ),
      ),
    [
      ['firebreak serve', 'on this machine only'],
      ['firebreak serve --port 0', 'any free port'],
    ],
  );
  examples(
    program
      .command('worker')
      .description('run workflows of a shared database (FIREBREAK_DATABASE_URL) in this process too')
      .action(bind(async (io: Io) => toExitCode(await io.world.worker(io)))),
    [['FIREBREAK_DATABASE_URL=postgres://... firebreak worker', 'one more worker']],
  );
  examples(
    program
      .command('replay')
      .argument('<name>', 'thanksgiving-2023')
      .description('do the whole job once, on real servers that it starts for itself')
      .option('--serve', 'go on serving the API afterwards')
      .option('--scale <n>', 'size of the estate: 1 is as it was', '1')
      .action(
        bind(async (io: Io, name: string, options: { serve?: boolean; scale: string }) => {
          const scale = readNumber('--scale', options.scale, 0.001, scaleMax);
          return toExitCode(await io.world.replay(name, { serve: options.serve ?? false, scale }, io));
        }),
      ),
    [
      ['firebreak replay thanksgiving-2023', 'from the breach to the proof'],
      ['firebreak replay thanksgiving-2023 --scale 0.01', 'a small one'],
    ],
  );
}

const toExitCode = (code: number) => (code === 0 || code === 1 || code === 2 || code === 3 ? code : 1);
