/** C2SP checkpoints: a signed note that says how large the tree is and what its root is. https://c2sp.org/tlog-checkpoint */
import { err, ok, type Result } from '../../kernel/result.ts';
import { decodeBase64, type NoteSigner, openNote, parseNote, signNote, type VerifierKey } from './note.ts';
import { hashBytes } from './tiles.ts';

/** What a checkpoint states. */
export interface TreeHead {
  origin: string;
  /** Entries in the tree. */
  size: number;
  root: Buffer;
}

/** Signs a checkpoint; the origin is the key's name. */
export function signCheckpoint(signer: NoteSigner, size: number, root: Buffer): string {
  return signNote(`${signer.key.name}\n${size}\n${root.toString('base64')}\n`, signer);
}

/** Reads a checkpoint without checking its signature. */
export function parseCheckpoint(note: string): Result<TreeHead, string> {
  const parsed = parseNote(note);
  return parsed.ok ? parseTreeHead(parsed.value.text) : parsed;
}

/** Reads a checkpoint that `key` has signed; its origin must be the key's name. The error says what was expected. */
export function verifyCheckpoint(note: string, key: VerifierKey): Result<TreeHead, string> {
  const opened = openNote(note, key);
  if (!opened.ok) return opened;
  const head = parseTreeHead(opened.value);
  if (head.ok && head.value.origin !== key.name) return err(`the origin ${key.name}`);
  return head;
}

function parseTreeHead(text: string): Result<TreeHead, string> {
  const lines = text.split('\n');
  const [origin = '', sizeText = '', rootText = '', ...rest] = lines;
  // The text ends in a newline, so the last piece is empty; pieces before it are extension lines.
  if (lines.length < 4 || lines.slice(0, -1).includes('') || rest.at(-1) !== '')
    return err('lines for origin, size and root');
  const size = Number(sizeText);
  if (!/^(0|[1-9]\d*)$/.test(sizeText) || !Number.isSafeInteger(size)) return err('a decimal tree size');
  const root = decodeBase64(rootText);
  return root?.length === hashBytes ? ok({ origin, size, root }) : err('a root of 32 bytes in base64');
}
