/**
 * A ClickHouse server for tests: its HTTP interface before the real engine. It refuses as a server does: wrong
 * credentials, databases and settings, a role that was not granted, writing while `readonly`, what the role may
 * not read; errors carry X-ClickHouse-Exception-Code. It has no cluster: `ON CLUSTER` is refused.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EngineDied, EngineProcess } from '../../src/lake/embedded/process.ts';
import type { Statement } from '../../src/lake/embedded/protocol.ts';

export interface TestClickHouse {
  url: string;
  /** Every statement that arrived, in order. */
  statements: { sql: string; role: string | null; settings: Record<string, string> }[];
  engine: EngineProcess;
  /** Ends the next answer in the middle. */
  breakNext(): void;
  close(): Promise<void>;
}

export interface ClickHouseOptions {
  user?: string;
  password?: string;
  /** Whether its user may make roles. */
  managesAccess?: boolean;
}

class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}`);
    this.code = code;
  }
}

/** What a URL may carry besides settings. */
const known = new Set(['query', 'database', 'role', 'query_id', 'default_format', 'session_id']);

export async function startClickHouse(options: ClickHouseOptions = {}): Promise<TestClickHouse> {
  const { user = 'tester', password = 'correct horse', managesAccess = true } = options;
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-clickhouse-'));
  const engine = new EngineProcess(join(folder, 'lake'));
  const statements: TestClickHouse['statements'] = [];
  const granted = new Set<string>();
  let broken = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    checkUser(request, user, password);
    const body = join(folder, randomUUID());
    const input = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
    await pipeline(input, createWriteStream(body));
    const { readFile } = await import('node:fs/promises');
    const inUrl = url.searchParams.get('query');
    const sql = inUrl ?? (await readFile(body, 'utf8'));
    const role = url.searchParams.get('role');
    const settings = settingsOf(url);
    statements.push({ sql, role, settings });
    if (role !== null && !granted.has(role))
      throw new Refusal(511, `There is no role \`${role}\` in user directories`);
    if (manageAccess(sql, granted, managesAccess)) return void response.end();
    if (/ON CLUSTER/.test(sql)) throw new Refusal(701, 'Requested cluster not found');
    const { readonly, ...others } = settings;
    if (readonly === '1' && !/^\s*(select|with|explain)/i.test(sql))
      throw new Refusal(164, 'Cannot execute query in readonly mode');
    const statement: Statement = {
      sql: /^INSERT/.test(sql) ? withInput(sql, body) : sql.replace(/\bFORMAT JSONEachRow\s*$/, ''),
      parameters: parametersOf(url),
      database:
        url.searchParams.get('database') === 'default'
          ? undefined
          : (url.searchParams.get('database') ?? undefined),
      settings: others,
      kind: role === null ? 'run' : sql.startsWith('EXPLAIN') ? 'explain' : 'read',
    };
    for await (const piece of engine.ask(statement)) {
      response.write(piece.subarray(0, broken ? 10 : piece.length));
      if (!broken) continue;
      broken = false;
      return void response.destroy();
    }
    response.end();
    await rm(body, { force: true });
  };
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
    answer(request, response).catch((error: unknown) => refuse(request, response, error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/`,
    statements,
    engine,
    breakNext: () => {
      broken = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = /Code: (\d+)/.exec(message)?.[1] ?? '1002';
  request.resume();
  // A server that crashes answers nothing.
  if (response.headersSent || error instanceof EngineDied) return void response.destroy();
  response.writeHead(code === '516' ? 403 : 500, { 'x-clickhouse-exception-code': code });
  // A server names the kind of the error at the end, and its version.
  response.end(`${message.replace(/\s*\([A-Z_]+\)\s*$/, '')} (ERROR_${code}) (version 26.7.2.1)\n`);
}

function checkUser(request: IncomingMessage, user: string, password: string): void {
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  if (request.headers.authorization !== `Basic ${basic}`)
    throw new Refusal(
      516,
      'Authentication failed: password is incorrect, or there is no user with such name.',
    );
}

/** Statements about roles, which the embedded engine does not take: they are kept here. */
function manageAccess(sql: string, granted: Set<string>, allowed: boolean): boolean {
  if (!/^(CREATE ROLE|GRANT) /.test(sql)) return false;
  if (!allowed)
    throw new Refusal(
      497,
      'tester: Not enough privileges. To execute this query, it is necessary to have the grant CREATE ROLE ON *.*',
    );
  const role = /^GRANT (\w+) TO CURRENT_USER$/.exec(sql)?.[1];
  if (role !== undefined) granted.add(role);
  return true;
}

function settingsOf(url: URL): Record<string, string> {
  return Object.fromEntries(
    [...url.searchParams].filter(([name]) => !known.has(name) && !name.startsWith('param_')),
  );
}

/** Parameters come as text; the engine's client gives text to every type alike. */
function parametersOf(url: URL): Statement['parameters'] {
  return Object.fromEntries(
    [...url.searchParams]
      .filter(([name]) => name.startsWith('param_'))
      .map(([name, value]) => [name.slice('param_'.length), readParameter(value)]),
  );
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', 0: '\0' };

/** A parameter's text is escaped as in tab-separated values. */
const unescapeText = (text: string): string =>
  text.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter);

/** A list as the engine's client takes it. */
function readParameter(text: string): string | string[] {
  if (!/^\[('|\])/.test(text)) return unescapeText(text);
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'/gs)].map(([, item = '']) => unescapeText(item));
}

/** `input('...')` with `FORMAT X` at the end reads the body of the request. */
function withInput(sql: string, body: string): string {
  const match = /\binput\(('(?:[^'\\]|\\.)*')\)([\s\S]*) FORMAT (\w+)\s*$/.exec(sql);
  if (!match) return sql;
  const [, structure = '', rest = '', format = ''] = match;
  return `${sql.slice(0, match.index)}file('${body}', '${format}', ${structure})${rest}`;
}
