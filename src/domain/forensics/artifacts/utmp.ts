/** The records of wtmp and btmp as Linux writes them on 64-bit machines: 384 bytes each, little-endian. */

export interface Login {
  user: string;
  line: string;
  host: string;
  at: Date;
}

const recordBytes = 384;
const userProcess = 7;
const loginProcess = 6;

/** User logins, in their order; anything that does not look like a record is left out. */
export function readUtmp(bytes: Buffer): Login[] {
  const logins: Login[] = [];
  // The tail of a file may begin inside a record: whole ones are counted from the end.
  for (let at = bytes.length % recordBytes; at + recordBytes <= bytes.length; at += recordBytes) {
    const record = bytes.subarray(at, at + recordBytes);
    const type = record.readInt16LE(0);
    if (type !== userProcess && type !== loginProcess) continue;
    const user = textOf(record.subarray(44, 76));
    const seconds = record.readUInt32LE(340);
    if (user === '' || seconds === 0) continue;
    const line = textOf(record.subarray(8, 40));
    logins.push({ user, line, host: textOf(record.subarray(76, 332)), at: new Date(seconds * 1000) });
  }
  return logins;
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}
