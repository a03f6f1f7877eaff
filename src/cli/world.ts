/** What the command line works with: its streams, and the ways to an installation. src/main.ts supplies it. */
import type { Client, ExitCode } from '../api/index.ts';
import type { Paper, Part } from './paper.ts';
import type { ProgressView } from './progress.ts';

export interface CliWorld {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  env: NodeJS.ProcessEnv;
  /** Whether stdout is a terminal: then colours, and tables as wide as it. */
  isTTY: boolean;
  /** Whether stderr is one: then progress bars. As `isTTY` when not given. */
  isProgressTTY?: boolean;
  /** Columns of the terminal. */
  columns?: number;
  /** Paths that people type are relative to it. */
  cwd: string;
  /** Opens the installation in this process, or finds the one that serves it. `command` says for what. */
  connect(command: string): Promise<Connection>;
  serve(options: ServeCommand, ui: Ui): Promise<number>;
  worker(ui: Ui): Promise<number>;
  replay(name: string, options: ReplayCommand, ui: Ui): Promise<number>;
  doctor(): Promise<Check[]>;
  /** Starts a connector's test server; the suite is run by the command. */
  conformance(connector: string): Promise<ConformanceSuite | { missing: string }>;
  /** Calls `handler` when somebody presses Ctrl-C, once; returns what stops that. By default SIGINT. */
  onInterrupt?(handler: () => void): () => void;
  /** Milliseconds between two lines of progress where there is no terminal. */
  progressEveryMs?: number;
}

export interface Connection {
  client: Client;
  /** Where the API is served, when another process holds the installation. */
  url?: string;
  close(): Promise<void>;
}

export interface ServeCommand {
  host: string;
  port: number;
}

export interface ReplayCommand {
  /** Go on serving the API after the replay. */
  serve: boolean;
  /** How large the estate is: 1 is as it was. */
  scale: number;
}

/** One thing that `doctor` looked at. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  /** What was found. */
  detail: string;
  /** What to do about it. */
  fix?: string;
}

export interface ConformanceSuite {
  title: string;
  cases: readonly { name: string; run(): Promise<void> }[];
  close(): Promise<void>;
}

/** What a command gives: `json` for programs, `print` for people. */
export interface Outcome {
  json: unknown;
  print(paper: Paper): void;
  /** 0 when not given. */
  exitCode?: ExitCode;
}

/** What long commands talk to people with. */
export interface Ui {
  /** With --json, stdout holds one document and nothing else. */
  readonly json: boolean;
  /** A line on stderr. */
  say(...parts: Part[]): void;
  /** Shows on stderr how far something is. */
  progress(title: string): ProgressView;
  /** Puts the result on stdout, as JSON or as text. Once a command. */
  finish(outcome: Outcome): Promise<void>;
  /** Calls `handler` at the first Ctrl-C; the second one ends the process. Returns what stops that. */
  onInterrupt(handler: () => void): () => void;
}
