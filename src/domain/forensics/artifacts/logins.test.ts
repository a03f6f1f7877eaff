/** Records of logins as real programs write and read them: lastlog with its own tool, SQLite files of sqlite3. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeImage, runHost, type ThrowawayImage, whyNoThrowaway } from '../../../../test/lab/throwaway.ts';
import { buildCollector } from '../collector/build.ts';
import { CollectionReader } from '../collector/frames.ts';
import { readSqliteTable } from './sqlite.ts';
import { readLastlog, readUtmp } from './utmp.ts';

const nonce = 'feedface00c0ffee00c0ffee00c0ffee';
const missing = whyNoThrowaway();
const why = missing === '' ? '' : ` (skipped: a throw-away host ${missing})`;
const hasSqlite = whichSqlite();
const whySqlite = hasSqlite ? '' : ' (skipped: sqlite3 is missing)';
const folder = mkdtempSync(join(tmpdir(), 'firebreak-logins-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function whichSqlite(): boolean {
  try {
    execFileSync('sqlite3', ['-version']);
    return true;
  } catch {
    return false;
  }
}

let databases = 0;
/** A database that sqlite3 made. */
function database(sql: string): Buffer {
  const file = join(folder, `${++databases}.db`);
  execFileSync('sqlite3', [file], { input: sql });
  return readFileSync(file);
}

const lastlog2 =
  'CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT;';
const wtmpdb =
  'CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT;';

describe.skipIf(missing !== '')(`logins on hosts${why}`, () => {
  let image: ThrowawayImage;
  beforeAll(async () => {
    image = await makeImage();
  });
  afterAll(() => image?.close());

  async function collect(plant: string) {
    const reader = new CollectionReader({ nonce });
    reader.push(await runHost(image, { plant, script: buildCollector({ artifacts: ['logins'], nonce }) }));
    const { facts, artifacts } = reader.end();
    return { facts, outcome: artifacts.find(({ artifact }) => artifact === 'logins') };
  }

  /** Three accounts that logged in, two of them alike and side by side; one account is gone, one never did. */
  const records = String.raw`
printf 'alice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\ncarol:x:60001:60001::/home/carol:/bin/sh\nnever:x:1500:1500::/:/bin/sh\n' >>/etc/passwd
last() { perl -e 'open F, "+>>", "/var/log/lastlog"; open F, "+<", "/var/log/lastlog"; seek F, 292 * $ARGV[0], 0; print F pack "L<Z32Z256", @ARGV[1..3]' "$@"; }
last 1000 1700000000 pts/3 198.51.100.7; last 1001 1700000000 pts/3 198.51.100.7; last 60001 1700000900 tty1 ''; last 4242 1700001800 pts/1 203.0.113.9`;

  test.each([
    ['coreutils', ''],
    [
      'BusyBox',
      'for a in od head sed awk dd stat tail base64 find; do p=$(readlink -f $(command -v $a)); mount --bind /bin/busybox $p; done',
    ],
  ])('lastlog with %s: the last login of each account, and of one that is gone', async (_name, tools) => {
    const { facts, outcome } = await collect(`${records}\n${tools}`);
    expect(outcome).toMatchObject({ state: 'collected' });
    const last = facts.filter(({ detail }) => detail.kind === 'last');
    expect(last.map(({ key, value, at }) => `${key} ${value} ${at?.toISOString()}`)).toEqual([
      'last login alice from 198.51.100.7 2023-11-14T22:13:20.000Z',
      'last login bob from 198.51.100.7 2023-11-14T22:13:20.000Z',
      'last login uid 4242 from 203.0.113.9 2023-11-14T22:43:20.000Z',
      'last login carol on tty# 2023-11-14T22:28:20.000Z',
    ]);
  });

  test('the file that we write is the one that the tool of the system reads', async () => {
    const said = await runHost(image, {
      plant: records,
      script: 'TZ=UTC LC_ALL=C lastlog -u alice; TZ=UTC LC_ALL=C lastlog -u carol',
    });
    expect(said.toString()).toMatch(/alice\s+pts\/3\s+198\.51\.100\.7\s+Tue Nov 14 22:13:20 \+0000 2023/);
    expect(said.toString()).toMatch(/carol\s+tty1\s+Tue Nov 14 22:28:20 \+0000 2023/);
  });

  test('of accounts with very high numbers those in passwd are read, and it says so', async () => {
    const { facts, outcome } = await collect(
      `${records}\nprintf 'domain:x:1100000007:1::/:/bin/sh\\n' >>/etc/passwd; last 1100000007 1700002700 pts/9 192.0.2.44`,
    );
    expect(outcome).toMatchObject({
      state: 'partial',
      why: expect.stringContaining('of uids from 100000 on'),
    });
    expect(facts.map(({ key }) => key)).toContain('last login domain');
    expect(facts.map(({ key }) => key)).toContain('last login carol');
  });

  test.skipIf(!hasSqlite)(`lastlog2 and wtmpdb${whySqlite}`, async () => {
    const last = database(
      `${lastlog2} INSERT INTO Lastlog2 VALUES ('dave', 1700000000, 'ssh', '198.51.100.9', 'sshd'), ('eve', 0, NULL, NULL, NULL);`,
    );
    const wtmp = database(
      `${wtmpdb} INSERT INTO wtmp(Type, User, Login, TTY, RemoteHost, Service) VALUES (1, 'reboot', 1699999000000000, '~', '6.1.0', NULL), (3, 'dave', 1700000000500000, 'pts/0', '198.51.100.9', 'sshd');`,
    );
    const put = (file: string, bytes: Buffer) =>
      `mkdir -p $(dirname ${file}); echo ${bytes.toString('base64')} | base64 -d >${file}`;
    const plant = `${put('/var/lib/lastlog/lastlog2.db', last)}\n${put('/var/lib/wtmpdb/wtmp.db', wtmp)}\necho broken >/var/log/wtmp.db`;
    const { facts, outcome } = await collect(plant);
    expect(outcome).toMatchObject({ state: 'collected' });
    const said = facts.filter(({ detail }) => detail.source?.endsWith('.db'));
    expect(said.map(({ key, value, at }) => `${key} ${value} ${at?.toISOString()}`)).toEqual([
      'last login dave from 198.51.100.9 2023-11-14T22:13:20.000Z',
      'last login eve on  undefined',
      'login dave from 198.51.100.9 2023-11-14T22:13:20.500Z',
    ]);
    expect(facts.find(({ key }) => key === '/var/log/wtmp.db')).toMatchObject({
      value: 'its records could not all be read',
    });
  });
});

test.skipIf(!hasSqlite)(
  `a database of many pages, with long texts, is read as sqlite3 reads it${whySqlite}`,
  () => {
    const rows = Array.from(
      { length: 3_000 },
      (_none, index) =>
        `(3, 'user${index}', ${index * 1_000}, '${'x'.repeat(index % 50 === 0 ? 9_000 : index % 7)}')`,
    );
    const file = database(
      `PRAGMA page_size = 1024; ${wtmpdb} BEGIN; INSERT INTO wtmp(Type, User, Login, RemoteHost) VALUES ${rows.join(',')}; COMMIT;`,
    );
    const { rows: read, whole } = readSqliteTable(file, 'wtmp', 10_000);
    expect(whole).toBe(true);
    expect(read).toHaveLength(3_000);
    read.forEach((row, index) => {
      const remotehost = 'x'.repeat(index % 50 === 0 ? 9_000 : index % 7);
      expect(row).toEqual({
        id: null,
        type: 3,
        user: `user${index}`,
        login: index * 1_000,
        logout: null,
        tty: null,
        remotehost,
        service: null,
      });
    });
    expect(readSqliteTable(file, 'wtmp', 100)).toMatchObject({ whole: false, rows: { length: 100 } });
  },
);

test.skipIf(!hasSqlite)(`no damaged database makes the reader fail or run on${whySqlite}`, () => {
  const rows = Array.from(
    { length: 400 },
    (_none, index) => `('u${index}', ${index}, 'pts/1', '${'h'.repeat(index)}', 'sshd')`,
  );
  const file = database(`PRAGMA page_size = 512; ${lastlog2} INSERT INTO Lastlog2 VALUES ${rows.join(',')};`);
  for (let round = 0; round < 1_000; round++) {
    const damaged = Buffer.from(file);
    for (let flip = 0; flip <= round % 5; flip++)
      damaged[(round * 7_919 + flip * 104_729) % file.length] = (round * 31 + flip * 67) % 256;
    const { rows: read } = readSqliteTable(
      round % 11 === 0 ? damaged.subarray(0, (round * 37) % file.length) : damaged,
      'lastlog2',
      1_000,
    );
    expect(read.length).toBeLessThanOrEqual(1_000);
  }
});

test('on arm64 times have 64 bits, and the records are longer', () => {
  const utmp = Buffer.alloc(400);
  utmp.writeInt16LE(7, 0);
  utmp.write('pts/1', 8);
  utmp.write('alice', 44);
  utmp.write('192.0.2.1', 76);
  utmp.writeBigInt64LE(1_700_000_000n, 344);
  expect(readUtmp(Buffer.concat([utmp, utmp]), 'aarch64')).toHaveLength(2);
  expect(readUtmp(utmp, 'aarch64')).toEqual([
    { user: 'alice', line: 'pts/1', host: '192.0.2.1', at: new Date(1_700_000_000_000) },
  ]);
  expect(readUtmp(Buffer.concat([utmp, utmp]), 'x86_64')).not.toHaveLength(2);
  const hex = [...Buffer.from('00f15365000000007074732f31', 'hex')]
    .map((byte) => ` ${byte.toString(16).padStart(2, '0')}`)
    .join('');
  expect(readLastlog(`0000000\n*\n0000592${hex}\n0000888\n`, 'aarch64', 10)).toEqual([
    { uid: 2, line: 'pts/1', host: '', at: new Date(1_700_000_000_000) },
  ]);
});
