/** Serves the API over HTTP: loopback by default, bounded in time, and closed without cutting anybody off. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import type { AppType } from './app.ts';
import { hashToken } from './guard.ts';
import type { Entrance } from './router.ts';

interface ServeOptions {
  /** 127.0.0.1 by default. */
  host?: string;
  /** 0: any free port. */
  port?: number;
  /** Every request must carry it. Only its hash is kept. */
  token: string;
}

interface ApiServer {
  url: string;
  /** Takes no more requests, lets those under way end, then cuts what is left. */
  close(): Promise<void>;
}

/** Throws in_use when the port is taken. */
export async function serve(app: AppType, options: ServeOptions): Promise<ApiServer> {
  const entrance: Entrance = { kind: 'http', tokenHash: hashToken(options.token) };
  const host = options.host ?? '127.0.0.1';
  const server = createAdaptorServer({
    fetch: (request) => app.fetch(request, { entrance }),
    serverOptions: { requestTimeout: limits.apiRequestMsMax, headersTimeout: limits.apiHeadersMsMax },
  }) as Server;
  await listen(server, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, close: () => close(server) };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'in_use' : 'unavailable';
      reject(new FirebreakError(code, `can't listen on ${host}:${port}: ${messageOf(cause)}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), limits.apiCloseMsMax);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
