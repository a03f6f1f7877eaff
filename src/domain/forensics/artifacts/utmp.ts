/**
 * The records of wtmp, btmp and lastlog as glibc writes them, little-endian: 384 and 292 bytes on most machines, and
 * with 64-bit times 400 and 296 bytes on arm64.
 */

export interface Login {
  user: string;
  line: string;
  host: string;
  at: Date;
}

const userProcess = 7;
const loginProcess = 6;

/** User logins, in their order; anything that does not look like a record is left out. */
export function readUtmp(bytes: Buffer, machine = ''): Login[] {
  const wide = machine === 'aarch64';
  const recordBytes = wide ? 400 : 384;
  const logins: Login[] = [];
  // The tail of a file may begin inside a record: whole ones are counted from the end.
  for (let at = bytes.length % recordBytes; at + recordBytes <= bytes.length; at += recordBytes) {
    const record = bytes.subarray(at, at + recordBytes);
    const type = record.readInt16LE(0);
    if (type !== userProcess && type !== loginProcess) continue;
    const user = textOf(record.subarray(44, 76));
    const seconds = record.readUInt32LE(wide ? 344 : 340);
    if (user === '' || seconds === 0) continue;
    const line = textOf(record.subarray(8, 40));
    logins.push({ user, line, host: textOf(record.subarray(76, 332)), at: new Date(seconds * 1000) });
  }
  return logins;
}

interface LastLogin {
  uid: number;
  line: string;
  host: string;
  at: Date;
}

/** How many bytes the collector prints on a line, which is one record. */
const lastlogRecordBytes = (machine: string): number => (machine === 'aarch64' ? 296 : 292);

/**
 * The last login of each account out of a dump of `od -A d -t x1`, a record a line, the zeros at its end left out. A
 * line of `*` stands for more of the same up to the offset of the next one.
 */
export function readLastlog(dump: string, machine: string, max: number): LastLogin[] {
  const bytes = lastlogRecordBytes(machine);
  const logins: LastLogin[] = [];
  let [previous, repeats] = [undefined as LastLogin | undefined, false];
  for (const line of dump.split('\n')) {
    if (line === '*') {
      repeats = true;
      continue;
    }
    const [, offset = '', hex = ''] = /^(\d{1,15})((?: [0-9a-f]{2})*)\s*$/.exec(line) ?? [];
    const uid = offset === '' ? Number.NaN : Number(offset) / bytes;
    if (!Number.isSafeInteger(uid)) continue;
    if (previous && repeats)
      for (let same = previous.uid + 1; same < uid && logins.length < max; same++)
        logins.push({ ...previous, uid: same });
    previous = lastLogin(uid, Buffer.from(hex.replaceAll(' ', ''), 'hex'), bytes);
    repeats = false;
    if (previous && logins.length < max) logins.push(previous);
  }
  return logins;
}

function lastLogin(uid: number, shown: Buffer, bytes: number): LastLogin | undefined {
  const record = Buffer.alloc(bytes);
  shown.copy(record);
  const seconds = record.readUInt32LE(0);
  if (seconds === 0) return undefined;
  const names = bytes - 288;
  const line = textOf(record.subarray(names, names + 32));
  return { uid, line, host: textOf(record.subarray(names + 32)), at: new Date(seconds * 1000) };
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}
