/**
 * What this process and the embedded engine's say to one another, over one pipe: frames of a length, a kind,
 * the number of the statement, and a payload. The asking side pulls: an answer's next frame is sent when it is
 * asked for, so a slow reader holds the engine back and no buffer grows.
 */
import { deserialize, serialize } from 'node:v8';
import { limits } from '../../kernel/limits.ts';
import type { BoundParameters } from '../parameters.ts';

/** A statement for the engine. */
export interface Statement {
  sql: string;
  parameters: BoundParameters;
  /** The database that its names are of; none while it is being made. */
  database: string | undefined;
  /** Settings of the engine for this statement alone, by name. */
  settings: Readonly<Record<string, string | number>>;
  /**
   * `read` runs as the role that can only read the lake, and so does `explain`, whose answer is short and comes at
   * once; `look` reads also the engine's own tables; `run` gives no answer. `tell` is a `run` without bound values: with
   * them it would wait until those that have some are done.
   */
  kind: 'read' | 'explain' | 'look' | 'run' | 'tell';
}

/** Why a statement failed, in the engine's words. */
export interface Failure {
  message: string;
}

/** Each kind of frame, and who sends it. */
export const kinds = {
  /** Engine: the folder is open. Payload: nothing, or a Failure. */
  opened: 1,
  /** Asker: a Statement. */
  begin: 2,
  /** Asker: send the next frame of the answer. */
  pull: 3,
  /** Asker: end this statement, its answer is not wanted. */
  cancel: 4,
  /** Engine: some bytes of the answer, JSON lines cut anywhere. */
  bytes: 5,
  /** Engine: all is done. */
  done: 6,
  /** Engine: a Failure. */
  failed: 7,
  /** Asker: close the folder and exit. */
  close: 8,
  /** Asker: are you there? */
  ping: 9,
  /** Engine: yes. */
  pong: 10,
} as const;

export interface Frame {
  kind: number;
  statement: number;
  payload: Buffer;
}

const headBytes = 9;

export function encodeFrame(
  kind: number,
  statement: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(statement, 5);
  frame.set(payload, headBytes);
  return frame;
}

export const encodeBody = (body: Statement | Failure): Buffer => serialize(body);
/** Only for what the other end of our own pipe has sent. */
export const decodeBody = <Body extends Statement | Failure>(payload: Buffer): Body =>
  deserialize(payload) as Body;

/** Cuts what arrives into frames. Throws on a frame longer than any that we send. */
export class FrameDecoder {
  #rest: Buffer[] = [];
  #restBytes = 0;

  *push(piece: Buffer): Generator<Frame> {
    this.#rest.push(piece);
    this.#restBytes += piece.length;
    while (this.#restBytes >= headBytes) {
      const head = this.#joined(headBytes);
      const length = head.readUInt32LE(0);
      if (length > limits.lakeStatementBytesMax + limits.lakeFrameBytesMax)
        throw new Error(`a frame of ${length} bytes`);
      if (this.#restBytes < headBytes + length) return;
      const all = this.#joined(headBytes + length);
      const frame = all.subarray(0, headBytes + length);
      this.#rest = [all.subarray(headBytes + length)];
      this.#restBytes -= headBytes + length;
      yield {
        kind: frame.readUInt8(4),
        statement: frame.readUInt32LE(5),
        payload: frame.subarray(headBytes),
      };
    }
  }

  /** The pieces as one, when the first is too short; joining at every piece would be quadratic. */
  #joined(bytes: number): Buffer {
    const [first] = this.#rest;
    if (first !== undefined && first.length >= bytes) return first;
    const all = Buffer.concat(this.#rest);
    this.#rest = [all];
    return all;
  }
}
