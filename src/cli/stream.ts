/** What the server sends piece by piece, put on stdout or into a file. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import type { Io } from './io.ts';
import type { Outcome } from './world.ts';

/** As it comes; with --json whole, inside the one document that `toJson` makes of it. */
export async function streamToStdout(
  io: Io,
  pieces: AsyncIterable<Uint8Array>,
  toJson: (whole: string) => unknown,
): Promise<Outcome> {
  const text: string[] = [];
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    const part = decoder.decode(piece, { stream: true });
    if (io.json) text.push(part);
    else await new Promise<void>((resolve) => io.world.stdout.write(part, () => resolve()));
  }
  return { json: io.json ? toJson(text.join('')) : null, print: () => undefined };
}

/** The file appears whole or not at all, readable by its owner only. Returns its size. */
export async function writeStream(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't write ${file}: ${messageOf(cause)}`, { cause });
  });
  let size = 0;
  try {
    for await (const piece of pieces) {
      await handle.appendFile(piece);
      size += piece.byteLength;
    }
    await handle.close();
    await rename(draft, file);
    return size;
  } finally {
    await handle.close().catch(() => undefined);
    await rm(draft, { force: true });
  }
}
