/** A TCP relay in front of a server, which can be told to swallow everything or to answer by itself. */
import { connect, createServer, type Socket } from 'node:net';

/** `pass` relays; `swallow` reads and never answers; `odd` hands new clients to the estate's odd answers. */
export type RelayMode = 'pass' | 'swallow' | 'odd';

export interface Relay {
  port: number;
  /** Takes effect on open connections too: they are swallowed, or cut when the relay answers by itself. */
  set(mode: RelayMode): void;
  close(): Promise<void>;
}

export async function startRelay(to: number, answerOddly: (client: Socket) => void): Promise<Relay> {
  let mode: RelayMode = 'pass';
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('error', () => undefined);
    client.once('close', () => clients.delete(client));
    if (mode === 'odd') return answerOddly(client);
    const upstream = connect(to, '127.0.0.1');
    upstream.setNoDelay(true);
    client.setNoDelay(true);
    upstream.on('error', () => client.destroy());
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    client.on('data', (data) => {
      if (mode === 'pass') upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (mode === 'pass') client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cut = () => {
    for (const client of clients) client.destroy();
  };
  return {
    port: address && typeof address === 'object' ? address.port : 0,
    set: (wanted) => {
      // What was swallowed is lost for good, so those connections can't go on either.
      if (wanted === 'odd' || mode !== 'pass') cut();
      mode = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
