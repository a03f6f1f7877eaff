/** Reads the output of one artifact's fragment: records, and the files that several records speak of. */

export interface Row {
  tag: string;
  /** All after the tag and its tab, up to the next record, without the last line break. */
  text: string;
}

/** Records of a payload. What stands before the first is nobody's and is dropped. */
export function rowsOf(payload: string, nonce: string): Row[] {
  const mark = `${nonce}\t`;
  const rows: Row[] = [];
  let at = payload.startsWith(mark) ? 0 : payload.indexOf(`\n${mark}`) + 1;
  if (at === 0 && !payload.startsWith(mark)) return rows;
  while (at < payload.length) {
    const next = payload.indexOf(`\n${mark}`, at);
    const end = next < 0 ? payload.length : next;
    const body = payload.slice(at + mark.length, end);
    const tab = body.search(/[\t\n]/);
    const tag = tab < 0 ? body : body.slice(0, tab);
    rows.push({ tag, text: tab < 0 ? '' : body.slice(tab + 1) });
    at = next < 0 ? payload.length : next + 1;
  }
  return rows.map((row, index) => {
    // Before these the collector begins a new line, whether or not the last one was ended.
    const after = rows[index + 1]?.tag;
    const begun = after === undefined || after === 'done' || after === 'note';
    return begun && row.text.endsWith('\n') ? { ...row, text: row.text.slice(0, -1) } : row;
  });
}

/** The first `count` fields, and all the rest as the last: only the last may hold tabs. */
export function fieldsOf(text: string, count: number): string[] {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count) {
    const tab = text.indexOf('\t', at);
    if (tab < 0) break;
    fields.push(text.slice(at, tab));
    at = tab + 1;
  }
  fields.push(text.slice(at));
  while (fields.length <= count) fields.push('');
  return fields;
}

/** The first line, and what follows it. */
export function headOf(text: string): [head: string, body: string] {
  const at = text.indexOf('\n');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

export interface FileSeen {
  path: string;
  /** Octal, as stat gives it: `4755`. */
  mode: string;
  uid: string;
  owner: string;
  gid: string;
  bytes: number;
  modifiedAt: Date | null;
  /** When the inode last changed: what an attacker can't set with touch. */
  changedAt: Date | null;
  links: number;
  /** `regular file`, `directory`, `symbolic link`. */
  type: string;
  /** Where a symbolic link points. */
  target: string;
  sha256: string;
  /** Its text as the collector shows it, secrets masked. */
  text: string;
  cut: boolean;
}

const secondsDate = (text: string): Date | null => {
  const seconds = Number(text);
  return /^\d{1,11}$/.test(text) && seconds < 8.64e12 ? new Date(seconds * 1000) : null;
};

/** Of `stat`, `hash`, `hashes`, `file` and `cut` records: one entry a path, in the order of the first record. */
export function filesOf(rows: readonly Row[]): FileSeen[] {
  const files = new Map<string, FileSeen>();
  const file = (path: string): FileSeen => {
    const known = files.get(path);
    if (known) return known;
    const fresh: FileSeen = { ...blank, path };
    files.set(path, fresh);
    return fresh;
  };
  for (const { tag, text } of rows) {
    if (tag === 'stat') readStat(text, file);
    else if (tag === 'hashes') for (const line of text.split('\n')) readHash(line, file);
    else if (tag === 'hash') readHash(text, file);
    else if (tag === 'file') {
      const [path, body] = headOf(text);
      file(path).text += body;
    } else if (tag === 'cut') file(headOf(text)[0]).cut = true;
  }
  return [...files.values()].filter(({ path }) => path.startsWith('/'));
}

const blank: Omit<FileSeen, 'path'> = {
  mode: '',
  uid: '',
  owner: '',
  gid: '',
  bytes: 0,
  modifiedAt: null,
  changedAt: null,
  links: 0,
  type: '',
  target: '',
  sha256: '',
  text: '',
  cut: false,
};

/** coreutils writes a backslash before a hash whose file name it had to escape. */
const unescaped = (name: string): string =>
  name.replace(/\\([\\nr])/g, (_all, char: string) => (char === 'n' ? '\n' : char === 'r' ? '\r' : '\\'));

/** A line of sha256sum. */
function readHash(line: string, file: (path: string) => FileSeen): void {
  const [, escaped, sha256 = '', name = ''] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s.exec(line) ?? [];
  if (name !== '') file(escaped === '' ? name : unescaped(name)).sha256 = sha256;
}

function readStat(text: string, file: (path: string) => FileSeen): void {
  const [mode, uid, owner, gid, bytes, modified, changed, links, type, rest] = fieldsOf(text, 9);
  const [path, target] = type === 'symbolic link' ? linkOf(rest ?? '') : [bare(rest ?? ''), ''];
  Object.assign(file(path), {
    mode,
    uid,
    owner: owner === 'UNKNOWN' ? uid : owner,
    gid,
    bytes: Number(bytes) || 0,
    modifiedAt: secondsDate(modified ?? ''),
    changedAt: secondsDate(changed ?? ''),
    links: Number(links) || 0,
    type: type === 'regular empty file' ? 'regular file' : type,
    target,
  });
}

const bare = (name: string): string => (/^'.*'$/s.test(name) ? name.slice(1, -1) : name);

/** `'/a' -> '/b'` as BusyBox writes it, or `/a -> /b`; a file that is no link is its name alone. */
export function linkOf(text: string): [path: string, target: string] {
  const at = text.indexOf(' -> ');
  return at < 0 ? [bare(text), ''] : [bare(text.slice(0, at)), bare(text.slice(at + 4))];
}
