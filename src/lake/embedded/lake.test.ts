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
