/** zstd frames made by hand (RFC 8878), for a Node that does not write any: blocks of raw bytes, or of one byte repeated. */

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const blockBytesMax = 128 * 1024;

/** `windowByte`: the window descriptor; by default of 128 KiB. */
export function zstdFrame(data: Buffer, windowByte = 7 << 3): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length; at += blockBytesMax) {
    const part = data.subarray(at, at + blockBytesMax);
    blocks.push(blockHead(0, part.length, at + blockBytesMax >= data.length), part);
  }
  return Buffer.concat([magic, Buffer.from([0, windowByte]), ...blocks]);
}

/** So many blocks of one byte repeated: 128 KiB of content for four bytes. */
export function zstdRuns(byte: number, blocks: number): Buffer {
  const one = Buffer.concat([blockHead(1, blockBytesMax, false), Buffer.from([byte])]);
  const last = Buffer.concat([blockHead(1, blockBytesMax, true), Buffer.from([byte])]);
  return Buffer.concat([
    magic,
    Buffer.from([0, 7 << 3]),
    ...Array.from({ length: blocks - 1 }, () => one),
    last,
  ]);
}

function blockHead(kind: 0 | 1, bytes: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((bytes << 3) | (kind << 1) | (isLast ? 1 : 0), 0, 3);
  return head;
}
