/** What a file is, by its first bytes. */
import type { FileFormat } from './types.ts';

export interface Sniffed {
  format: FileFormat;
  /** Set for UTF-16; everything else is read as UTF-8. */
  encoding?: 'utf-16le' | 'utf-16be';
  /** Bytes of a byte order mark of UTF-8 to drop. */
  markBytes?: number;
  /** Why it is not scanned. */
  skipped?: string;
}

/** So much of a file is enough to tell what it is; a HAR file must show its log in it. */
export const headBytes = 1024 * 1024;

/** Beginnings of files that hold no text, or text that can't be got at. */
const signatures: readonly [string, string][] = [
  ['28b52ffd', 'zstd compression is not supported'],
  ['fd377a585a00', 'xz compression is not supported'],
  ['425a68', 'bzip2 compression is not supported'],
  ['377abcaf271c', '7z archives are not supported'],
  ['526172211a07', 'rar archives are not supported'],
  ['89504e470d0a1a0a', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['47494638', 'a GIF image'],
  ['7f454c46', 'a program (ELF)'],
  ['4d5a', 'a program (PE)'],
  ['cafebabe', 'a Java class or a program (Mach-O)'],
  ['cffaedfe', 'a program (Mach-O)'],
  ['255044462d', 'a PDF document'],
  ['53514c69746520666f726d61742033', 'an SQLite database'],
  ['774f4646', 'a font'],
  ['774f4632', 'a font'],
];

export function sniff(head: Buffer): Sniffed {
  if (head.length === 0) return { format: 'text' };
  if (head[0] === 0x1f && head[1] === 0x8b) return { format: 'gzip' };
  if (
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))
  )
    return { format: 'zip' };
  if (isTar(head)) return { format: 'tar' };
  if (head[0] === 0xff && head[1] === 0xfe)
    return { ...textOrHar(decoded(head, 'utf-16le')), encoding: 'utf-16le' };
  if (head[0] === 0xfe && head[1] === 0xff)
    return { ...textOrHar(decoded(head, 'utf-16be')), encoding: 'utf-16be' };
  const markBytes = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const text = head.subarray(markBytes);
  const binary = /^[\s]*[{[]/.test(text.toString('latin1', 0, 256)) ? undefined : binaryReason(head);
  if (binary !== undefined) return { format: 'binary', skipped: binary };
  return { ...textOrHar(text.toString('latin1')), markBytes };
}

const decoded = (head: Buffer, encoding: string): string => new TextDecoder(encoding).decode(head);

/** A HAR file is a JSON object with a log that names its writer, its pages or its entries. */
function textOrHar(head: string): { format: FileFormat } {
  const isHar =
    /^\s*\{/.test(head) &&
    /"log"\s*:\s*\{/.test(head) &&
    /"(?:entries|creator|pages|version)"\s*:/.test(head);
  return { format: isHar ? 'har' : 'text' };
}

/** Old tar files have no magic word; their header's checksum tells. */
function isTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  const stated = Number.parseInt(head.toString('latin1', 148, 156).replace(/\0.*$/s, '').trim(), 8);
  let sum = 8 * 32;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += head[at] as number;
  return stated === sum;
}

function binaryReason(head: Buffer): string | undefined {
  const hex = head.subarray(0, 16).toString('hex');
  const signature = signatures.find(([start]) => hex.startsWith(start));
  // Two letters are too little to go by where text follows.
  const sample = head.subarray(0, 8_192);
  let controls = 0;
  for (const byte of sample) if (byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) controls++;
  const share = controls / sample.length;
  if (signature && (share > 0.005 || signature[1].includes('PDF'))) return signature[1];
  return share > 0.05 ? 'binary data' : undefined;
}
