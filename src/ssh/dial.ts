/** A TCP connection within its time. */
import { connect, type Socket } from 'node:net';
import { fromSocketError, type Unreachable, unreachable } from './failures.ts';

export async function dial(
  address: string,
  port: number,
  ms: number,
  signal?: AbortSignal,
): Promise<Socket | Unreachable> {
  if (signal?.aborted) return unreachable('timeout', 'given up');
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true });
    const settle = (result: Socket | Unreachable) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      socket.removeListener('connect', connected);
      // A socket that fails later on fails for whoever has it then; this listener keeps it from being fatal.
      if (result !== socket) socket.destroy();
      resolve(result);
    };
    const connected = () => settle(socket);
    const cancel = () => settle(unreachable('timeout', 'given up'));
    const timer = setTimeout(() => settle(unreachable('timeout', `not connected within ${ms} ms`)), ms);
    signal?.addEventListener('abort', cancel, { once: true });
    socket.once('connect', connected);
    socket.on('error', (error) => settle(fromSocketError(error)));
  });
}
