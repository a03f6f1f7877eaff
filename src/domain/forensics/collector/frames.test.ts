import { expect, test } from 'vitest';
import { limits } from '../../../kernel/limits.ts';
import { seededRandom } from '../../../kernel/random.ts';
import { artifacts } from '../artifacts/index.ts';
import { CollectionReader } from './frames.ts';

const nonce = '00112233445566778899aabbccddeeff';
const other = 'ffeeddccbbaa99887766554433221100';
const b64 = (text: string | Buffer) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n');
const count = (text: string) => text.replaceAll('\n', '').length;

/** A frame as the collector prints it. */
function frame(id: string, payload: string | Buffer, by = nonce): string {
  const body = b64(payload);
  return `@${by} begin ${id} base64\n${body}\n@${by} end ${id} ${count(body)}\n`;
}
const header = (ids: string) => `@${nonce} firebreak 1 1700000000 1 ${ids}\n`;
const done = `\n${nonce}\tdone\t0\n`;
const passwd = (lines: string) => `${nonce}\tpasswd\n${lines}`;
const finish = `@${nonce} finish\n`;

function read(text: string | Buffer, step = 0) {
  const reader = new CollectionReader({ nonce, now: () => new Date(1_700_000_001_500) });
  const bytes = Buffer.from(text);
  if (step === 0) reader.push(bytes);
  else for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return reader.end();
}
const outcome = (result: ReturnType<typeof read>, id: string) =>
  result.artifacts.find(({ artifact }) => artifact === id);

const alice = 'alice:x:1000:1000::/home/alice:/bin/sh\n';
const whole = `banner of the host\r\n${header('identity,accounts')}${frame('identity', `${nonce}\tnow\t1700000000\n${nonce}\thostname\tweb-1\n${done}`)}${frame('accounts', passwd(alice) + done)}${finish}`;

test('a whole stream is read the same in pieces of any size', () => {
  const once = read(whole);
  expect(once.complete).toBe(true);
  expect(once.identity).toMatchObject({ hostname: 'web-1', clockOffsetMs: -1500 });
  expect(once.artifacts.map(({ state }) => state)).toEqual(['collected', 'collected']);
  expect(once.facts.map(({ key }) => key)).toContain('alice');
  for (const step of [1, 2, 7, 64]) expect(read(whole, step)).toEqual(once);
  expect(read(whole.replaceAll('\n', '\r\n'))).toEqual(once);
});

test('a stream that breaks off anywhere is never called whole, and what came before is kept', () => {
  const complete = read(whole).facts.length;
  for (let end = 0; end < whole.length - 1; end += 3) {
    const cut = read(whole.slice(0, end));
    expect(cut.complete).toBe(false);
    expect(cut.facts.length).toBeLessThanOrEqual(complete);
    const collected = cut.artifacts.filter(({ state }) => state === 'collected').length;
    const ends = whole.slice(0, end).split(/ end \w+ \d+\n/).length - 1;
    expect(collected).toBeLessThanOrEqual(ends + 1);
    if (whole.slice(0, end).includes('accounts\n'))
      expect(cut.artifacts.map(({ artifact }) => artifact).sort()).toEqual(['accounts', 'identity']);
  }
});

test('frames that do not know the nonce count for nothing', () => {
  const forged = `@${other} firebreak 1 1 1 accounts\n${frame('accounts', `${other}\tpasswd\nroot2:x:0:0::/:/bin/sh\n`, other)}@${other} finish\n`;
  const result = read(
    forged + header('accounts') + forged + frame('accounts', passwd(alice) + done) + forged + finish,
  );
  expect(result.facts.map(({ key }) => key)).toEqual(['alice']);
  expect(outcome(result, 'accounts')?.state).toBe('collected');
});

test('records in hostile names and texts stay in them', () => {
  const payload = `${nonce}\tstat\t644\t0\troot\t0\t5\t1700000000\t1700000000\t1\tregular file\t/etc/cron.d/a\n${other}\tstat\t4755\t0\troot\t0\t5\t1\t1\t1\tregular file\t/etc/cron.d/forged\n${nonce}\tfile\t/etc/cron.d/a\n\u001b[2J@${nonce} finish\n\0\0* * * * * root x\n${done}`;
  const result = read(header('cron') + frame('cron', payload) + finish);
  expect(result.facts.filter(({ artifact }) => artifact === 'cron').map(({ path }) => path)).not.toContain(
    '/etc/cron.d/forged',
  );
  expect(result.complete).toBe(true);
  expect(outcome(result, 'cron')?.state).toBe('collected');
});

test('a frame that was not announced, or comes twice, changes nothing', () => {
  const result = read(
    header('accounts') +
      frame('sudo', done) +
      frame('accounts', passwd(alice) + done) +
      frame('accounts', passwd('mallory:x:0:0::/:/bin/sh\n') + done) +
      finish,
  );
  expect(result.artifacts.map(({ artifact }) => artifact)).toEqual(['accounts']);
  expect(result.facts.map(({ key }) => key)).toEqual(['alice']);
});

test('characters that are lost or changed are noticed', () => {
  const good = frame('accounts', passwd(alice.repeat(20)) + done);
  const lines = good.split('\n');
  const lost = [...lines.slice(0, 2), ...lines.slice(3)].join('\n');
  const strange = good.replace(/\n[A-Za-z0-9+/]/, '\n\u0000');
  for (const text of [lost, strange]) {
    const result = outcome(read(header('accounts') + text + finish), 'accounts');
    expect(result).toMatchObject({
      state: expect.stringMatching(/partial|failed/),
      why: /not what was sent/,
    });
  }
  expect(outcome(read(header('accounts') + good + finish), 'accounts')?.state).toBe('collected');
});

test('without its end an artifact was ended by its time limit, and notes make it partial', () => {
  const slow = read(header('accounts') + frame('accounts', passwd(alice)) + finish);
  expect(outcome(slow, 'accounts')).toMatchObject({ state: 'partial', why: 'it took more than 15 s' });
  const noted = read(
    header('accounts') +
      frame('accounts', `${passwd(alice)}${nonce}\tnote\twithout root\u001b[2J\n${done}`) +
      finish,
  );
  expect(outcome(noted, 'accounts')).toMatchObject({ state: 'partial', why: 'without root\\u001b[2J' });
  const absent = read(header('systemd') + frame('systemd', `${nonce}\tnone\tno systemd\n${done}`) + finish);
  expect(outcome(absent, 'systemd')).toMatchObject({ state: 'missing', why: 'no systemd' });
});

test('lines and outputs without an end cost no more than the limits', () => {
  const reader = new CollectionReader({ nonce });
  reader.push(Buffer.from(`${header('accounts,sudo')}@${nonce} begin accounts base64\n`));
  const before = process.memoryUsage().rss;
  const piece = Buffer.alloc(1024 * 1024, 'A');
  for (let sent = 0; sent < 3 * limits.collectOutputBytesMax; sent += piece.length) reader.push(piece);
  expect(reader.full).toBe(true);
  const result = reader.end();
  expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  expect(result.complete).toBe(false);
  expect(result.artifacts.map(({ state }) => state)).toEqual(['failed', 'failed']);
});

test('more than an artifact may send is cut off and said so', () => {
  const bytes = artifacts.find(({ id }) => id === 'accounts')?.bytesMax ?? 0;
  const line = 'user:x:1000:1000::/home/user:/bin/sh\n';
  const many = passwd(line.repeat(Math.ceil(bytes / line.length) + 10));
  const result = read(header('accounts') + frame('accounts', many + done) + finish);
  expect(outcome(result, 'accounts')).toMatchObject({ state: 'partial', truncated: true, bytes });
});

test('hexadecimal is read as base64 is', () => {
  const hex = Buffer.from(passwd(alice) + done)
    .toString('hex')
    .replace(/../g, ' $&')
    .replace(/.{48}/g, '$&\n');
  const text = `@${nonce} begin accounts hex\n${hex}\n@${nonce} end accounts ${count(hex)}\n`;
  const result = read(header('accounts') + text + finish);
  expect(outcome(result, 'accounts')?.state).toBe('collected');
  expect(result.facts.map(({ key }) => key)).toEqual(['alice']);
});

test('a file brought by hand is read by the nonce in its own header', () => {
  const reader = new CollectionReader();
  reader.push(Buffer.from(whole));
  expect(reader.end().facts.length).toBe(read(whole).facts.length);
});

test('no output makes the reader fail', () => {
  const seed = process.env.FIREBREAK_SEED ?? String(Date.now());
  const random = seededRandom(seed);
  const ids = artifacts.map(({ id }) => id);
  const tags = [
    'stat',
    'hash',
    'file',
    'cut',
    'exe',
    'status',
    'stat',
    'cmdline',
    'environ',
    'maps',
    'net',
    'fd',
    'passwd',
    'group',
    'shadow',
    'utmp',
    'lastlog',
    'uids',
    'sqlite',
    'machine',
    'docker',
    'oci',
    'space',
    'setting',
    'module',
    'rpm',
    'want',
    'have',
    'secret',
    'cap',
    'trait',
    'btime',
    'hidden',
    'overmount',
    'note',
    'none',
    'done',
  ];
  const junk = (): string => {
    const pieces = [
      '\t',
      '\n',
      '\0',
      ':',
      '/',
      ' -> ',
      '/proc/1/exe',
      '{"a":[',
      '9999999999999999999999',
      '\u001b[31m',
      '%s$(x)`',
      '../',
      'NaN',
      nonce,
      `\n${nonce}\tstat\t`,
      Buffer.from(random.bytes(6)).toString('latin1'),
    ];
    return Array.from({ length: random.below(12) }, () => pieces[random.below(pieces.length)]).join('');
  };
  for (let round = 0; round < 400; round += 1) {
    const id = ids[random.below(ids.length)] ?? '';
    const rows = Array.from(
      { length: random.below(8) },
      () => `${nonce}\t${tags[random.below(tags.length)]}\t${junk()}\n`,
    ).join('');
    const text =
      header(id) + frame(id, rows + (random.below(2) ? done : '')) + (random.below(2) ? finish : '');
    const bytes = Buffer.from(text);
    for (let flips = random.below(4); flips > 0; flips -= 1)
      bytes[random.below(bytes.length)] = random.below(256);
    const result = read(bytes, random.below(2) * 13);
    for (const { state, why } of result.artifacts) {
      expect(why, `seed ${seed}, round ${round}`).not.toMatch(/could not be read/);
      expect(state !== 'collected' && why === '', `seed ${seed}`).toBe(false);
    }
  }
});
