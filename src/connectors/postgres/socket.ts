/**
 * A socket whose reader may fail. pg's parser throws at messages that it does not know, inside the socket's own
 * event, where nobody catches: what a strange server sends would end the process. Here it ends the connection.
 */
import { Socket } from 'node:net';

export class GuardedSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...args);
    try {
      return super.emit(event, ...args);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  }
}
