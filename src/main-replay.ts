/** Plays a replay with the program's own command line. */
import { Writable } from 'node:stream';
import { type CliWorld, type Connection, type ReplayCommand, runCli, type Ui } from './cli/index.ts';
import type { Place } from './data-folder.ts';
import { runReplay } from './replay/index.ts';

interface ReplayPlay {
  name: string;
  folder: string;
  options: ReplayCommand;
  ui: Ui;
  world: CliWorld;
  connect(command: string, place: Place): Promise<Connection>;
}

export async function playReplay({ name, folder, options, ui, world, connect }: ReplayPlay): Promise<number> {
  const bars = new Map<string, ReturnType<Ui['progress']>>();
  const result = await runReplay(
    { name, folder, scale: options.scale, json: ui.json },
    {
      say: (text) => {
        for (const line of text.split('\n')) ui.say(line);
      },
      progress: (what, done, total) => {
        const bar = bars.get(what) ?? ui.progress(what);
        bars.set(what, bar);
        if (done !== undefined && total !== undefined) bar.update({ done, total, unit: '' });
        if (done !== undefined && total !== undefined && done >= total) bar.end();
      },
      open: async (place) => {
        const connection = await connect(`firebreak replay ${name}`, place);
        // The commands share the one connection, and leave it open.
        const shared = { ...world, connect: async () => ({ ...connection, close: async () => {} }) };
        return {
          run: (argv) =>
            ui.json ? runForJson(argv, shared) : runCli(argv, shared).then((exitCode) => ({ exitCode })),
          ask: async (argv) =>
            (await runForJson([...argv, '--json'], { ...shared, stderr: collect([]) })).json,
          close: connection.close,
        };
      },
      ...(options.serve
        ? { linger: () => new Promise<void>((resolve) => void ui.onInterrupt(resolve)) }
        : {}),
    },
  );
  await ui.finish({ json: result, print: () => {}, exitCode: result.exitCode === 0 ? 0 : 1 });
  return result.exitCode;
}

/** Takes what is written to it. */
function collect(parts: Buffer[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      parts.push(chunk);
      done();
    },
  });
}

async function runForJson(argv: string[], world: CliWorld): Promise<{ exitCode: number; json?: unknown }> {
  const parts: Buffer[] = [];
  const stdout = collect(parts);
  const exitCode = await runCli(argv, { ...world, stdout, isTTY: false });
  const text = Buffer.concat(parts).toString();
  return { exitCode, ...(text === '' ? {} : { json: JSON.parse(text) as unknown }) };
}
