/** What the conformance suite works with. */
import type { Socket } from 'node:net';
import type { Secret } from '../../kernel/secret.ts';
import type { AnyConnector, Kind, Session, Target } from '../contract.ts';
import type { Relay } from './relay.ts';

/** A live credential of the estate. */
export interface Sample {
  target: Target;
  principal: string;
  secret: Secret;
}

/** A session that an application holds open. */
export interface OpenSession {
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}

/** The real server of a connector, with all that the suite needs of it beyond the connector itself. */
export interface Estate extends AsyncDisposable {
  /** The port of the server on 127.0.0.1. */
  port: number;
  /** What firebreak.yaml would say of it, with 127.0.0.1 and this port as its address. */
  config(port: number): Record<string, unknown>;
  /** The same with `secret` where a reference to the administrative secret belongs. */
  configWithPlainSecret(secret: string): Record<string, unknown>;
  /** Secrets of the estate's own, such as the administrator's: they must not leak either. */
  secrets: Secret[];
  /** Makes a credential that works. */
  create(kind: string): Promise<Sample>;
  /** Opens a session with it as an application would; absent where a kind has no sessions. */
  openSession?(sample: Sample): Promise<OpenSession>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Everything that the server wrote to its logs and files of state. */
  logs(): Promise<string>;
  /** Answers a client in the server's own protocol, with an error code that nobody knows. */
  answerOddly(client: Socket): void;
}

export interface Harness {
  /** Starts the server, or says what is missing here. */
  start(): Promise<Estate | { missing: string }>;
}

/** What a case works with. */
export interface Bench {
  connector: AnyConnector;
  estate: Estate;
  /** Between the connector and its server; a case may make it swallow or answer oddly. */
  relay: Relay;
  session: Session;
  kinds: [id: string, kind: Kind][];
  signal: AbortSignal;
  /** A live credential; its secret is looked for at the end. */
  create(kind: string): Promise<Sample>;
  /** Keeps what came back, for the search for secrets. */
  note<T>(value: T): T;
  keep(secret: Secret): Secret;
  /** Everything noted and logged so far, as text. */
  noted(): string;
  secrets: readonly Secret[];
  close(): Promise<void>;
}

export interface ConformanceCase {
  name: string;
  /** Throws an error that says what the contract wants and what happened. */
  run(bench: Bench): Promise<void>;
}
