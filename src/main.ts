/** The entry point: picks the command. What a command needs is loaded when it is run. */
import { join, resolve } from 'node:path';
import { type CliWorld, runCli } from './cli/index.ts';

const { env } = process;
const configFile = resolve(env.FIREBREAK_CONFIG ?? 'firebreak.yaml');

const world: CliWorld = {
  stdout: process.stdout,
  stderr: process.stderr,
  env,
  isTTY: process.stdout.isTTY ?? false,
  isProgressTTY: process.stderr.isTTY ?? false,
  ...(process.stdout.columns ? { columns: process.stdout.columns } : {}),
  cwd: process.cwd(),
  connect: async (command) => {
    const { connectElsewhere } = await import('./main-elsewhere.ts');
    return (await connectElsewhere()) ?? (await import('./main-installation.ts')).connect(command);
  },
  serve: async (options, ui) => (await import('./main-installation.ts')).serveUntilStopped(options, ui),
  worker: async (ui) => (await import('./main-installation.ts')).work(ui),
  replay: async (name, options, ui) => {
    const [{ dataFolder }, { playReplay }, { connect }] = await Promise.all([
      import('./data-folder.ts'),
      import('./main-replay.ts'),
      import('./main-installation.ts'),
    ]);
    const folder = join(await dataFolder({ env }), `replay-${name.replace(/[^a-z0-9-]/g, '')}`);
    return playReplay({ name, folder, options, ui, world, connect });
  },
  conformance: async (id) => (await import('./main-conformance.ts')).openConformance(id),
  doctor: async () => (await import('./doctor.ts')).examine({ env, configFile }),
};

process.exitCode = await runCli(process.argv.slice(2), world);
