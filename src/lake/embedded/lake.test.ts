import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { insertEvents, openTestLake } from '../../../test/lab/lake.ts';

test('rows come back as they were bound', async () => {
  const lake = await openTestLake();
  try {
    const nasty = `x'\\ "\n\t\0 {b:String} -- é`;
    const rows = await lake.rows(
      `SELECT {a:String} AS a, {d:DateTime64(3, 'UTC')} AS d, {l:Array(String)} AS l, {n:UInt32} AS n, {b:Bool} AS b,
       9007199254740993 AS big, 9007199254740991 AS exact, [18446744073709551615] AS list, '12345678901234567890' AS digits, 0.12345678901234566 AS part`,
      { a: nasty, d: new Date(1e12 + 5), l: ["a'b", 'c\\d', '\n', ''], n: 7, b: true },
    );
    expect(rows).toEqual([
      {
        a: nasty,
        d: '2001-09-09T01:46:40.005Z',
        l: ["a'b", 'c\\d', '\n', ''],
        n: 7,
        b: true,
        big: '9007199254740993',
        exact: 9007199254740991,
        list: ['18446744073709551615'],
        digits: '12345678901234567890',
        part: 0.12345678901234566,
      },
    ]);
    await insertEvents(lake, [
      { time: '2023-11-23T16:00:00.123Z', actor_user_name: 'a', fields: { x: 'y' }, privileges: ['p'] },
      { time: new Date(0), source: 'okta' },
    ]);
    expect(
      await lake.rows('SELECT time, actor_user_name, fields, privileges, line FROM events ORDER BY line'),
    ).toEqual([
      {
        time: '2023-11-23T16:00:00.123Z',
        actor_user_name: 'a',
        fields: { x: 'y' },
        privileges: ['p'],
        line: 1,
      },
      { time: '1970-01-01T00:00:00.000Z', actor_user_name: '', fields: {}, privileges: [], line: 2 },
    ]);
    expect(await lake.rows('SELECT records, events FROM files')).toEqual([{ records: 2, events: 2 }]);
  } finally {
    await lake.close();
  }
});

/** A thread of the process that runs at this moment; not the main one. */
function busyThread(pid: number): number | undefined {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  return threads.find((id) => {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8')) ?? [];
    return id !== pid && state === 'R';
  });
}

test.skipIf(process.platform !== 'linux')(
  'a thread of the engine crashes under a read: the read is answered by another engine long before the first ends by itself (needs Linux)',
  async () => {
    const lake = await openTestLake();
    try {
      const slow = lake.rows<{ n: number }>(
        'SELECT count() AS n FROM numbers(1500000000) WHERE cityHash64(number) % 7 = 8',
      );
      await lake.rows('SELECT 1');
      const pid = (await lake.enginePid()) ?? 0;
      let thread: number | undefined;
      while (thread === undefined) {
        await wait(5);
        thread = busyThread(pid);
      }
      process.kill(thread, 'SIGSEGV');
      expect(await slow).toEqual([{ n: 0 }]);
      expect(await lake.enginePid()).not.toBe(pid);
    } finally {
      await lake.close();
    }
  },
  // The engine's own end comes 100 s after its crash; a loaded machine needs most of a minute for the read itself.
  80_000,
);

test('the engine knows its measure of what is worth merging', async () => {
  const lake = await openTestLake();
  try {
    await lake.run(
      "SELECT throwIf(value != '32') FROM system.merge_tree_settings WHERE name = 'merge_selector_base'",
    );
  } finally {
    await lake.close();
  }
});

// With a value that is bound, because the engine writes the text of such a statement anew.
const slow =
  'SELECT count() AS n FROM numbers(20000000000) WHERE cityHash64(number, {none:UInt64}) % 7 = 7 + {none:UInt64}';
const none = { none: 0 };

test('a read that is followed says how many rows it has read, and of how many', async () => {
  const lake = await openTestLake();
  const enough = new AbortController();
  const seen: { rows: number; total: number }[] = [];
  const onRows = (rows: number, total: number): void => {
    seen.push({ rows, total });
    if (seen.length === 3) enough.abort();
  };
  try {
    await expect(lake.rows(slow, none, { onRows, signal: enough.signal })).rejects.toThrow('aborted');
  } finally {
    await lake.close();
  }
  expect(seen.map(({ total }) => total)).toEqual([20e9, 20e9, 20e9]);
  const rows = seen.map((one) => one.rows);
  expect(rows).toEqual(rows.toSorted((a, b) => a - b));
  expect(rows.at(-1)).toBeGreaterThan(rows[0] ?? 0);
});

test.each(['rows', 'stream', 'insert'] as const)(
  '%s: what is not wanted any more ends in the engine',
  async (how) => {
    const lake = await openTestLake();
    const read = async (signal: AbortSignal): Promise<void> => {
      if (how === 'rows') await lake.rows(slow, none, { signal });
      else if (how === 'insert')
        await lake.insert(
          `INSERT INTO rejects (reason) SELECT any(line) FROM {input} AS one, (${slow.replace('count() AS n', 'number')}) AS many`,
          { format: 'LineAsString', structure: 'line String', bytes: [Buffer.from('one\n')] },
          none,
          { signal },
        );
      else for await (const _row of lake.stream(slow, none, { signal }));
    };
    try {
      await expect(read(AbortSignal.timeout(700))).rejects.toThrow('timeout');
      await lake.run(
        'SELECT throwIf(count() > 0) FROM system.processes WHERE query LIKE {text:String} AND query NOT LIKE {own:String}',
        { text: '%cityHash64(number%', own: '%throwIf%' },
      );
      await expect(read(AbortSignal.abort())).rejects.toThrow('aborted');
      expect(await lake.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await lake.close();
    }
  },
);
