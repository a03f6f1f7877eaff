import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../kernel/limits.ts';
import type { ByteReader } from './byte-reader.ts';
import { type Piece, splitHar } from './har-splitter.ts';

const { signal } = new AbortController();

/** Gives `text` in pieces of the given sizes, over and over. */
function readerIn(text: string | Buffer, sizes: readonly number[]): ByteReader {
  const bytes = Buffer.from(text as string);
  let at = 0;
  let turn = 0;
  return {
    async read(into) {
      const count = Math.min(into.length, sizes[turn++ % sizes.length] ?? 1, bytes.length - at);
      bytes.copy(into, 0, at, at + count);
      at += count;
      return count;
    },
  };
}

interface Split {
  entries: { text: string; number: number; line: number; members: number }[];
  faults: Extract<Piece, { type: 'fault' }>[];
  skeleton: string;
  skipped: string;
}

async function split(text: string | Buffer, sizes: readonly number[] = [1 << 20]): Promise<Split> {
  const result: Split = { entries: [], faults: [], skeleton: '', skipped: '' };
  for await (const piece of splitHar(readerIn(text, sizes), signal)) {
    if (piece.type === 'fault') result.faults.push(piece);
    else if (piece.type === 'entries')
      for (const { start, end, ...rest } of piece.entries)
        result.entries.push({ text: Buffer.from(piece.bytes, start, end - start).toString(), ...rest });
    else
      result[piece.skeleton ? 'skeleton' : 'skipped'] += Buffer.from(piece.bytes, piece.overlap).toString();
  }
  return result;
}

const entry = (id: number, body = ''): object => ({
  startedDateTime: '2023-10-18T10:00:00.000Z',
  request: { url: `https://a.example/${id}`, headers: [] },
  response: { content: { text: body } },
});
const har = (entries: readonly unknown[], space?: number): string =>
  JSON.stringify(
    { log: { version: '1.2', pages: [{ title: 'a "page"' }], entries, comment: 'end' } },
    null,
    space,
  );

/** Strings that are hard on a splitter: quotes, backslashes, brackets, line ends, other scripts, long runs. */
const hardString = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', '\n', 'é', '\u{1f600}', 'a', ',', ':') }),
  fc.nat(300).map((length) => 'x'.repeat(length)),
  fc.nat(60).map((length) => `${'x'.repeat(length)}\\`),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    hardString,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(hardString, tie('value'), { maxKeys: 4 }),
})).object;

describe('a sound file', () => {
  test('gives exactly the elements of log.entries, however its bytes arrive (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(json, { maxLength: 8 }),
        fc.constantFrom(undefined, 1, 2),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
        async (entries, space, sizes) => {
          const { entries: found, faults, skeleton, skipped } = await split(har(entries, space), sizes);
          expect(faults).toEqual([]);
          expect(found.map(({ text }) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(entries)));
          expect(JSON.parse(skeleton)).toEqual(JSON.parse(har([])));
          expect(skipped).toBe('');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('counts entries from 1, lines, and members', async () => {
    const text = har([entry(1), entry(2, 'two\nlines')], 2);
    const { entries } = await split(text);
    expect(entries.map(({ number }) => number)).toEqual([1, 2]);
    const lineOf = (id: number): number =>
      text.slice(0, text.indexOf(`a.example/${id}`)).split('\n').length - 3;
    expect(entries.map(({ line }) => line)).toEqual([lineOf(1), lineOf(2)]);
    expect(entries.map(({ members }) => members)).toEqual([7, 7]);
  });

  test('entries elsewhere than in the log are none', async () => {
    const { entries, skeleton } = await split(
      '{"entries":[{"a":1}],"log":{"x":{"entries":[{"b":1}]},"entries":[{"c":1}]}}',
    );
    expect(entries.map(({ text }) => text)).toEqual(['{"c":1}']);
    expect(skeleton).toBe('{"entries":[{"a":1}],"log":{"x":{"entries":[{"b":1}]},"entries":[]}}');
  });

  test('an entry may be far longer than one read', async () => {
    const body = `${'\\"{['.repeat(3_000_000)}é`;
    const { entries, faults } = await split(har([entry(1), entry(2, body), entry(3)]), [1 << 22, 777]);
    expect(faults).toEqual([]);
    expect(JSON.parse(entries[1]!.text)).toEqual(entry(2, body));
    expect(entries).toHaveLength(3);
  });
});

describe('a broken file', () => {
  const around = (broken: string): string =>
    `{"log":{"version":"1.2","entries":[\n${JSON.stringify(entry(1))},\n${broken},\n${JSON.stringify(entry(3))},\n${JSON.stringify(entry(4))}\n]}}`;
  const good = JSON.stringify(entry(2, 'some body'));
  const cases: [string, string][] = [
    ['a quote that is not escaped', good.replace('some body', 'so"me body')],
    ['a string without its end', good.replace('some body"', 'some body')],
    ['a missing closing brace', good.slice(0, -1)],
    ['two missing closing braces', good.slice(0, -2)],
    ['a closing brace too many', `${good}}`],
    ['bytes that are no JSON', '%%% \0 garbage'],
    ['a missing colon', good.replace('"url":', '"url"')],
    ['brackets that do not match', good.replace('"headers":[]', '"headers":[}')],
    ['nesting without end', `{"startedDateTime":${'['.repeat(5_000)}1${']'.repeat(5_000)}}`],
  ];
  for (const [name, broken] of cases) {
    for (const sizes of [[1 << 20], [13]]) {
      test(`${name}: is named, and the entries around it are there (reads of ${sizes})`, async () => {
        const { entries, faults, skipped } = await split(around(broken), sizes);
        const ids = entries.map(({ text }) => /a\.example\/(\d)/.exec(text)?.[1]);
        expect(ids).toEqual(expect.arrayContaining(['1', '3', '4']));
        expect(faults.length).toBeGreaterThan(0);
        expect(faults[0]!.line).toBeGreaterThanOrEqual(3);
        expect(faults[0]!.line).toBeLessThanOrEqual(4);
        // Whatever was skipped comes out as text.
        if (!ids.includes('2')) expect(skipped).toContain(broken.slice(0, 20));
        expect(JSON.stringify(faults)).not.toContain('some body');
      });
    }
  }

  test('a file that ends in the midst gives the entries before, and says where', async () => {
    const text = har([entry(1), entry(2), entry(3)], 2);
    for (const length of [text.indexOf('a.example/3'), text.indexOf('a.example/2') + 30]) {
      const { entries, faults, skipped } = await split(text.slice(0, length), [50]);
      expect(entries).toHaveLength(length > text.indexOf('a.example/3') - 1 ? 2 : 1);
      expect(faults).toMatchObject([
        { entry: entries.length + 1, message: `the file ends inside entry ${entries.length + 1}` },
      ]);
      expect(skipped).toContain('startedDateTime');
    }
  });

  test('no byte of any damaged file is lost (property)', async () => {
    const text = har([entry(1), entry(2, 'a "quoted" body'), entry(3)], 1);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('', '"', '{', '}', '\\', ',', 'q'),
        fc.nat(40),
        async (at, put, cut) => {
          const damaged = text.slice(0, at) + put + text.slice(at + cut);
          const { entries, skeleton, skipped } = await split(damaged, [37]);
          const shown = entries.map(({ text: shown }) => shown).join('') + skeleton + skipped;
          const essential = (some: string): string => [...some.replace(/[\s,]/g, '')].sort().join('');
          expect(essential(shown)).toBe(essential(damaged));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('an entry over the limit is named and passed over as text', async () => {
    const huge = `{"startedDateTime":"x","body":"${'y'.repeat(limits.scanEntryBytesMax)}","end":1}`;
    const text = `{"log":{"entries":[${JSON.stringify(entry(1))},${huge},${JSON.stringify(entry(3))}]}}`;
    let skipped = 0;
    const seen: unknown[] = [];
    for await (const piece of splitHar(readerIn(text, [1 << 22]), signal)) {
      if (piece.type === 'fault') seen.push({ entry: piece.entry, message: piece.message });
      else if (piece.type === 'entries') seen.push(...piece.entries.map(({ number }) => number));
      else if (!piece.skeleton) skipped += piece.bytes.byteLength - piece.overlap;
    }
    const message = `entry 2 is larger than ${limits.scanEntryBytesMax} bytes; scanned as text`;
    expect(seen).toEqual([1, { entry: 2, message }, 3]);
    expect(skipped).toBe(huge.length);
  });

  test('a file of nothing but faults ends soon, and as text', async () => {
    const text = `{"log":{"entries":[${'{"request":}},'.repeat(5_000)}]}}`;
    const { faults, skipped } = await split(text);
    expect(faults.length).toBeLessThanOrEqual(limits.scanFaultsMax + 1);
    expect(skipped.length).toBeGreaterThan(50_000);
  });
});
