/** Writes the whole ledger to one file that others can verify offline. */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { endText, formatCheckpoint, formatEnd, formatEntry, formatHeader } from './bundle-format.ts';
import { RawCitations, type RawSource, type RawSummary } from './export-raw.ts';
import { codeOf, syncFolder } from './files.ts';
import { type CheckpointRow, type EntryRow, readCheckpoints, readEntries } from './store.ts';
import type { Ledger } from './types.ts';

export interface ExportOptions {
  /** Replace a file that is there. By default that is refused. */
  overwrite?: boolean;
  /** Embed the raw output that entries cite, from here. */
  raw?: RawSource | undefined;
  signal?: AbortSignal;
  onProgress?(done: number, total: number, unit: 'entries' | 'outputs'): void;
}

export interface BundleSummary {
  file: string;
  bytes: number;
  entries: number;
  checkpoints: number;
  /** The root of the tree in hexadecimal. */
  root: string;
  /** Raw output that was embedded; nothing when none was asked for. */
  raw: RawSummary | null;
  /** Give it to whoever verifies, by another way than the file. */
  verifierKey: string;
}

/**
 * Exports the ledger as it is when the call begins. What was changed in the database is exported as it
 * stands; `verifyBundle` finds it. The file appears whole or not at all, readable by its owner only. Throws
 * conflict when it exists, unavailable when it can't be written.
 */
export async function exportBundle(
  ledger: Ledger,
  file: string,
  options: ExportOptions = {},
): Promise<BundleSummary> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't write ${file}: ${messageOf(cause)}`, { cause });
  });
  try {
    const summary = await writeBundle(ledger, handle, options);
    await handle.sync();
    await handle.close();
    await publish(draft, file, options.overwrite ?? false);
    return { file, ...summary };
  } finally {
    await handle.close().catch(() => undefined);
    await rm(draft, { force: true });
  }
}

async function writeBundle(
  ledger: Ledger,
  handle: FileHandle,
  options: ExportOptions,
): Promise<Omit<BundleSummary, 'file'>> {
  const { signer, db, clock } = ledger;
  const { size, root, note } = await ledger.head();
  const { origin, verifierKey } = signer;
  const out = createOutput(handle);
  const header = { created: clock.now().toISOString(), key: verifierKey, origin, size };
  await out.write([formatHeader(options.raw ? { ...header, raw: true } : header)]);
  const citations = new RawCitations();
  let [entries, checkpoints] = [0, 0];
  for (let start = 0; start < size; start += limits.bundlePageEntries) {
    options.signal?.throwIfAborted();
    const end = Math.min(start + limits.bundlePageEntries, size);
    const [rows, signed] = [await readEntries(db, start, end), await readCheckpoints(db, start, end)];
    await out.write(linesOf(rows, signed));
    if (options.raw) for (const { body } of rows) citations.add(body);
    entries += rows.length;
    checkpoints += signed.length;
    options.onProgress?.(end, size, 'entries');
  }
  if (size === 0) checkpoints += await out.write([formatCheckpoint(note)]);
  const raw = options.raw ? await embedRaw(citations, options.raw, out, options) : null;
  const sha256 = out.sha256();
  await out.write([formatEnd({ sha256, signature: signer.sign(endText(sha256)) })]);
  return { bytes: out.bytes(), entries, checkpoints, root, raw, verifierKey };
}

const embedRaw = (
  citations: RawCitations,
  source: RawSource,
  out: { write(lines: readonly string[]): Promise<number> },
  { signal, onProgress }: ExportOptions,
): Promise<RawSummary> =>
  citations.write(source, (lines) => out.write(lines), {
    signal,
    onProgress: (done, total) => onProgress?.(done, total, 'outputs'),
  });

/** Each checkpoint after the last entry that it signs. */
function linesOf(rows: readonly EntryRow[], signed: readonly CheckpointRow[]): string[] {
  const lines: string[] = [];
  let at = 0;
  const signUpTo = (size: number) => {
    for (let next = signed[at]; next && next.size <= size; next = signed[++at])
      lines.push(formatCheckpoint(next.note));
  };
  for (const { seq, leaf_hash, body } of rows) {
    signUpTo(seq);
    lines.push(formatEntry(seq, leaf_hash, body));
  }
  signUpTo(Number.MAX_SAFE_INTEGER);
  return lines;
}

function createOutput(handle: FileHandle) {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    /** Returns how many lines it wrote. */
    async write(lines: readonly string[]): Promise<number> {
      const chunk = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      hash.update(chunk);
      bytes += chunk.length;
      await handle.appendFile(chunk);
      return lines.length;
    },
    /** Of what was written so far, in hexadecimal. */
    sha256: () => hash.copy().digest('hex'),
    bytes: () => bytes,
  };
}

/** A hard link fails when the name is taken, a rename replaces it: neither leaves half a file. */
async function publish(draft: string, file: string, overwrite: boolean): Promise<void> {
  try {
    if (!overwrite) await claim(draft, file);
    if (overwrite) await rename(draft, file);
    await syncFolder(dirname(file));
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST')
      throw new FirebreakError(
        'conflict',
        `${file} exists: name another file, or say that it may be overwritten`,
        {
          cause,
        },
      );
    throw new FirebreakError('unavailable', `can't write ${file}: ${messageOf(cause)}`, { cause });
  }
}

async function claim(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    // Memory sticks have no hard links: there the name is taken with an empty file, and that is replaced.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error) ?? '')) throw error;
    await (await open(file, 'wx', 0o600)).close();
    await rename(draft, file);
  }
}
