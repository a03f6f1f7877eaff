/**
 * Replays: a whole response, rehearsed on a practice estate of real servers. Each step is the command that a
 * responder would type, run by the same code; nothing is canned, and the outcome is what the commands say.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FirebreakError } from '../kernel/errors.ts';
import { count } from '../kernel/text.ts';
import { type Estate, type EstateProgress, type EstateSize, startEstate } from './estate/index.ts';
import { fleetSize } from './fleet/index.ts';
import { defaultEvents } from './logs/index.ts';
import { type Ask, type Step, thanksgiving2023 } from './thanksgiving-2023.ts';

interface ReplayOptions {
  name: string;
  /** Everything lies in here: the estate, the data folder, the evidence, the report. Emptied first. */
  folder: string;
  /** 1 is 5,000 login roles. */
  scale: number;
  json: boolean;
}

/** What a command came to. */
export interface Answer {
  exitCode: number;
  /** What it printed, where it was asked for JSON. */
  json?: unknown;
}

/** What the replay needs of the program around it. */
interface ReplayWorld {
  /** A line for people, on stderr in JSON mode. */
  say(line: string): void;
  progress: EstateProgress;
  /** Opens Firebreak on a data folder and configuration; `run` is its command line. */
  open(place: { folder: string; configFile: string }): Promise<{
    run(argv: string[]): Promise<Answer>;
    /** The same as JSON, shown to nobody. */
    ask: Ask;
    close(): Promise<void>;
  }>;
  /** Called when all is done and everything still runs; for `--serve`. */
  linger?: () => Promise<void>;
}

interface ReplayResult {
  replay: string;
  folder: string;
  estate: EstateSize & { redisMissing?: string };
  steps: { command: string; exitCode: number; seconds: number }[];
  /** The last census, as `incident census --json` counted it; null where only people were told. */
  census: unknown;
  /** Sessions of the estate's applications after the rotation. */
  applications: { connected: number; total: number; reconnects: number };
  ledger: { bundle: string; verified: boolean };
  report: string;
  /** 0: nothing is outstanding, the evidence verifies and the applications work. */
  exitCode: number;
}

const replays: Readonly<Record<string, (estate: Estate) => Step[]>> = {
  'thanksgiving-2023': thanksgiving2023,
};

/** Runs a replay to its end. What is outstanding then is in the result; a target that dies on the way is no error. */
export async function runReplay(options: ReplayOptions, world: ReplayWorld): Promise<ReplayResult> {
  const script = replays[options.name];
  if (!script)
    throw new FirebreakError(
      'bad_input',
      `no replay ${options.name}; there is: ${Object.keys(replays).join(', ')}`,
    );
  await rm(options.folder, { recursive: true, force: true });
  const estate = await startEstate(join(options.folder, 'estate'), sizeOf(options.scale), world.progress);
  try {
    introduce(estate, world);
    const firebreak = await world.open({
      folder: join(options.folder, 'data'),
      configFile: estate.configFile,
    });
    try {
      return await conclude(options, estate, await typeAll(options, script(estate), firebreak, world), world);
    } finally {
      await firebreak.close();
    }
  } finally {
    await estate.stop();
  }
}

/** A small rehearsal is about the credentials: its logs and its fleet shrink faster. */
function sizeOf(scale: number): EstateSize {
  const small = Math.min(scale, scale ** 2);
  return {
    roles: Math.max(20, Math.round(5_000 * scale)),
    redisUsers: Math.max(4, Math.round(200 * scale)),
    tokens: Math.max(6, Math.round(60 * scale)),
    sessions: 5,
    applications: Math.max(4, Math.round(40 * Math.min(scale, 2))),
    logEvents: Math.max(20_000, Math.round(defaultEvents * small)),
    hosts: Math.max(60, Math.round(fleetSize * small)),
  };
}

function introduce({ size, redisMissing, fleet, folder }: Estate, world: ReplayWorld): void {
  const parts = [
    `PostgreSQL with ${count(size.roles)} login roles`,
    redisMissing === undefined ? `Redis with ${count(size.redisUsers)} users` : 'no Redis',
    `a web application with ${count(size.tokens)} service tokens`,
    `${count(size.applications)} applications that hold sessions`,
    `two months of logs of all systems, ${count(size.logEvents)} records`,
  ];
  world.say(`The practice estate runs: ${parts.join(', ')}.`);
  world.say(
    `${count(fleet.size)} systems answer to SSH: ${count(fleet.real)} real OpenSSH servers, ${count(fleet.standIns)} by a stand-in in this process, and the rest not at all.`,
  );
  if (fleet.realMissing !== undefined) world.say(`No real OpenSSH server: it needs ${fleet.realMissing}.`);
  if (redisMissing !== undefined) world.say(`Redis is left out: ${redisMissing}.`);
  world.say(`Its files are in ${folder}.`);
}

/** What was typed, and what the last of each command came to. */
interface Typed {
  steps: ReplayResult['steps'];
  last: Map<string, Answer>;
}

async function typeAll(
  { json }: ReplayOptions,
  steps: Step[],
  firebreak: { run(argv: string[]): Promise<Answer>; ask: Ask },
  world: ReplayWorld,
): Promise<Typed> {
  const typed: Typed = { steps: [], last: new Map() };
  for (const { why, argv } of steps) {
    world.say(`\n${why}`);
    for (const words of typeof argv === 'function' ? await argv(firebreak.ask) : [argv]) {
      const command = ['firebreak', ...words].map(quote).join(' ');
      world.say(`$ ${['firebreak', ...shorten(words)].map(quote).join(' ')}`);
      const startedAt = performance.now();
      const answer = await firebreak.run(json ? [...words, '--json'] : words);
      const seconds = Math.round(performance.now() - startedAt) / 1000;
      typed.steps.push({ command, exitCode: answer.exitCode, seconds });
      typed.last.set(words.slice(0, 2).join(' '), answer);
      // Outstanding is a finding, not a failure of the step; anything else ends the rehearsal here.
      if (answer.exitCode > 1) return typed;
    }
  }
  return typed;
}

async function conclude(
  options: ReplayOptions,
  estate: Estate,
  { steps, last }: Typed,
  world: ReplayWorld,
): Promise<ReplayResult> {
  const applications = await settle(estate);
  world.say(
    `\nApplications: ${count(applications.connected)} of ${count(applications.total)} are connected, after ${count(applications.reconnects)} reconnections.`,
  );
  const verified = last.get('evidence verify')?.exitCode === 0;
  const complete = last.get('incident census')?.exitCode === 0;
  const result: ReplayResult = {
    replay: options.name,
    folder: options.folder,
    estate: {
      ...estate.size,
      ...(estate.redisMissing === undefined ? {} : { redisMissing: estate.redisMissing }),
    },
    steps,
    census: censusOf(last.get('incident census')?.json),
    applications,
    ledger: { bundle: join(estate.folder, 'evidence.txt'), verified },
    report: join(estate.folder, 'report.html'),
    exitCode: complete && verified && applications.connected === applications.total ? 0 : 1,
  };
  world.say(
    result.exitCode === 0 ? 'Nothing is outstanding.' : 'Something is outstanding: see the census above.',
  );
  world.say(
    `Evidence  ${result.ledger.bundle}\nReport    ${result.report}\nData      ${join(options.folder, 'data')}`,
  );
  await world.linger?.();
  return result;
}

/** What `incident census --json` counted. */
function censusOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'census' in answer ? answer.census : null;
}

const settleMs = 10_000;

/** Gives applications that were cut off a moment to come back with what was delivered to them. */
async function settle(estate: Estate) {
  const giveUpAt = performance.now() + settleMs;
  for (;;) {
    const state = await estate.applications.check();
    if (state.connected === state.total || performance.now() > giveUpAt) return state;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const wordsShown = 14;

/** A long list of names as people would skim it; what is run is the whole. */
function shorten(words: readonly string[]): string[] {
  const options = words.findIndex((word) => word.startsWith('--'));
  const names = options < 0 ? words.length : options;
  if (names <= wordsShown) return [...words];
  return [...words.slice(0, wordsShown), `…${names - wordsShown}-more`, ...words.slice(names)];
}

const quote = (word: string): string =>
  /^[\w@%+=:,./~…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
