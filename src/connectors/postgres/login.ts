/**
 * A login that is made only to be judged, over a fresh connection, and ended at once. It speaks through pg's
 * connection, which knows the wire and TLS; the authentication is our own, because a rotation makes four logins
 * out of two passwords and pg's client would derive each anew.
 */
import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import type { Secret } from '../../kernel/secret.ts';
import { bounded } from '../calls.ts';
import { openWire, type Wire } from './client.ts';
import type { PostgresConfig } from './schema.ts';
import { type Derive, type ScramClient, scramClient } from './scram.ts';

export type Login = (as: { user: string; password: Secret }, signal: AbortSignal) => Promise<string>;

/** Logs in and out again. Returns who the server says we are; throws what the server or the network said. */
export function createLogin(
  config: PostgresConfig,
  tls: ConnectionOptions | undefined,
  derive: Derive,
): Login {
  return async (as, signal) => {
    const { wire, socket } = openWire(tls);
    try {
      return await bounded(
        signal,
        () => converse(wire, config, tls !== undefined, { ...as, derive }),
        () => socket.destroy(),
      );
    } finally {
      socket.destroy();
    }
  };
}

interface As {
  user: string;
  password: Secret;
  derive: Derive;
}

function converse(wire: Wire, config: PostgresConfig, encrypted: boolean, as: As): Promise<string> {
  const { host, port, database } = config;
  const start = () =>
    wire.startup({ user: as.user, database, application_name: 'firebreak', client_encoding: 'UTF8' });
  return new Promise((resolve, reject) => {
    let principal: string | undefined;
    let asked = false;
    // What comes after the first of these says nothing new.
    wire.on('error', reject);
    wire.on('errorMessage', reject);
    wire.on('end', () => {
      if (principal === undefined) reject(new Error('Connection terminated unexpectedly'));
      else resolve(principal);
    });
    wire.on('connect', () => (encrypted ? wire.requestSsl() : start()));
    wire.on('sslconnect', start);
    authenticate(wire, as, reject);
    // The server reports session_authorization with every login: its own word for who we are, with no query.
    wire.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
      if (status.parameterName === 'session_authorization') principal = status.parameterValue;
    });
    wire.on('dataRow', (row: { fields: string[] }) => {
      principal = row.fields[0];
    });
    wire.on('readyForQuery', () => {
      if (principal !== undefined || asked) return wire.end();
      asked = true;
      wire.query('select session_user');
    });
    if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
    else wire.connect(port, host);
  });
}

/** Answers what the server asks for, by what we know. */
function authenticate(wire: Wire, { user, password, derive }: As, fail: (error: unknown) => void): void {
  let exchange: ScramClient | undefined;
  let confirmed = false;
  wire.on('authenticationCleartextPassword', () => wire.password(password.reveal()));
  wire.on('authenticationMD5Password', ({ salt }: { salt: Buffer }) =>
    wire.password(md5Answer(user, password, salt)),
  );
  wire.on('authenticationSASL', ({ mechanisms }: { mechanisms: string[] }) => {
    if (!mechanisms.includes('SCRAM-SHA-256'))
      return fail(new Error(`the server offers only ${mechanisms.join(', ')} for authentication`));
    exchange = scramClient(password, derive);
    wire.sendSASLInitialResponseMessage('SCRAM-SHA-256', exchange.first);
  });
  wire.on('authenticationSASLContinue', ({ data }: { data: string }) => {
    if (!exchange) return fail(new Error('SCRAM: the server answers what was not asked'));
    exchange.answer(data).then((answer) => wire.sendSCRAMClientFinalMessage(answer), fail);
  });
  wire.on('authenticationSASLFinal', ({ data }: { data: string }) => {
    try {
      exchange?.confirm(data);
      confirmed = true;
    } catch (error) {
      fail(error);
    }
  });
  wire.on('authenticationOk', () => {
    // A server that leaves out its half of the exchange may be anybody.
    if (exchange && !confirmed) fail(new Error('SCRAM: the server did not show that it knows the password'));
  });
}

function md5Answer(user: string, password: Secret, salt: Buffer): string {
  const md5 = (...parts: (string | Buffer)[]) => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  };
  return `md5${md5(md5(password.reveal(), user), salt)}`;
}
