import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badInput, describeFault, FirebreakError } from '../../../kernel/errors.ts';
import {
  detectFormat,
  type ImportEvent,
  type ImportFormat,
  type ImportMapping,
  readImport,
} from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-import-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (content: string | Uint8Array, name = 'list'): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

const read = async (
  content: string | Uint8Array,
  format: ImportFormat,
  mapping?: Omit<ImportMapping, 'format' | 'source'>,
) => {
  const file = await write(content);
  const events: ImportEvent[] = [];
  for await (const event of readImport(file, format, mapping && { format, source: 'test', ...mapping }))
    events.push(event);
  return events;
};

const records = (events: ImportEvent[]) =>
  events.flatMap((event) => (event.type === 'record' ? [event.record] : []));
const rejects = (events: ImportEvent[]) =>
  events.flatMap((event) =>
    event.type === 'reject' ? [[event.fault.line, event.fault.field, event.fault.expected]] : [],
  );

/** The fault of a file that is refused as a whole, as a person reads it. */
const refusal = async (
  content: string | Uint8Array,
  format: ImportFormat,
  mapping?: Omit<ImportMapping, 'format' | 'source'>,
) => {
  const error = await read(content, format, mapping).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FirebreakError);
  expect(error).toMatchObject({ code: 'bad_input' });
  const { message, faults } = error as FirebreakError;
  return (faults[0] ? describeFault(faults[0]) : message).replace(join(folder, 'list'), 'FILE');
};

describe('CSV', () => {
  it('is read by its mapping, with constants and defaults', async () => {
    const [record] = records(
      await read(
        'User;Pass;Changed;Team;Suppliers\napp_1;"a;b""c";2024-02-01;data;"okta, circleci"\n',
        'csv',
        {
          fields: {
            name: 'User',
            secret: 'Pass',
            changedAt: 'Changed',
            suppliers: 'Suppliers',
            system: { const: 'orders-db' },
            attributes: { team: 'Team' },
          },
          defaults: {
            kind: 'role',
            class: 'password',
            owner: 'team-data',
            attributes: { from: 'list', team: 'none' },
          },
        },
      ),
    );
    expect(record).toMatchObject({
      name: 'app_1',
      system: 'orders-db',
      kind: 'role',
      class: 'password',
      owner: 'team-data',
      suppliers: ['okta', 'circleci'],
      changedAt: new Date('2024-02-01T00:00:00Z'),
      attributes: { from: 'list', team: 'data' },
    });
    expect(record?.secret?.reveal()).toBe('a;b"c');
  });

  it('is read by the names of our fields without a mapping', async () => {
    const text =
      '\ufeffsystem,kind,name,secretRef,delivery,lastUsedAt,comment\r\n' +
      'db,role,app,file:secrets/app.env#PGPASSWORD,env-file:out/app.env#PGPASSWORD,2024-02-01T10:00:00+02:00,x\r\n' +
      'db,role,web,env:WEB_PASSWORD,hand-off,2024-02-01,\r\n';
    expect(records(await read(text, 'csv'))).toEqual([
      {
        system: 'db',
        kind: 'role',
        name: 'app',
        secretRef: { file: join(folder, 'secrets/app.env'), key: 'PGPASSWORD' },
        delivery: { kind: 'env-file', path: join(folder, 'out/app.env'), key: 'PGPASSWORD' },
        lastUsedAt: new Date('2024-02-01T08:00:00Z'),
      },
      {
        system: 'db',
        kind: 'role',
        name: 'web',
        secretRef: { env: 'WEB_PASSWORD' },
        delivery: { kind: 'hand-off' },
        lastUsedAt: new Date('2024-02-01T23:59:59.999Z'),
      },
    ]);
  });

  it('gives back any texts that were written as CSV', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\r\n', 'a', 'ß', ' ', ';'),
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (secrets) => {
        const rows = secrets.map((secret, at) => `db,n${at},"${secret.replaceAll('"', '""')}"\n`);
        const found = records(await read(`system,name,secret\n${rows.join('')}`, 'csv'));
        expect(found.map(({ secret }) => secret?.reveal())).toEqual(secrets);
      }),
      { numRuns: 100 },
    );
  });

  it('rejects records at fault with line and field, and the rest goes on', async () => {
    const rows = [
      'system,kind,name,class,changedAt,secretRef,suppliers', // 1
      'db,role,good,password,2024-01-01,,', // 2
      'db,role', // 3
      'db,role,a,passwort,,,', // 4
      'db,role,b,,2024-02-30,,', // 5
      'db,role,c,,2024-01-01T10:00:00,,', // 6
      'db,role,../../etc/passwd,,,,', // 7
      'd/b,role,d,,,,', // 8
      'db,role,"e\u001b[2J",,,,', // 9
      'db,role,\u202etxt.exe,,,,', // 10
      'db,role,f,,,file:../../shadow,', // 11
      'db,role,g,,,vault:x,', // 12
      `db,role,${'h'.repeat(2000)},,,,`, // 13
      ',role,i,,,,', // 14
      ',,,,,,', // 15
      'db,role,good,,,,', // 16
      'db,role,"j', // 17
      'db,role,k,,,,', // 18
    ];
    const events = await read(rows.join('\n'), 'csv');
    expect(records(events).map(({ name }) => name)).toEqual(['good', 'k']);
    expect(rejects(events)).toEqual([
      [3, undefined, '7 columns'],
      [4, 'class', expect.stringContaining('password, session')],
      [5, 'changedAt', expect.stringContaining('ISO 8601')],
      [6, 'changedAt', expect.stringContaining('ISO 8601')],
      [7, 'name', expect.stringContaining('without . and ..')],
      [8, 'system', 'a name without a slash'],
      [9, 'name', 'text without control characters'],
      [10, 'name', 'text without control characters'],
      [11, 'secretRef', expect.stringContaining('without . and ..')],
      [12, 'secretRef', expect.stringContaining('env:NAME')],
      [13, 'name', 'at most 1024 characters'],
      [14, 'system', expect.any(String)],
      [15, 'name', 'a name, a secret or a place'],
      [16, undefined, 'each credential once'],
      [17, undefined, expect.stringContaining('quotes')],
    ]);
    const duplicate = events.find((event) => event.type === 'reject' && event.fault.line === 16);
    expect(duplicate).toMatchObject({ fault: { got: 'the one of line 2 again' } });
  });

  it('rejects the line that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('system,name\ndb,a\ndb,'),
      Buffer.from([0xe4]),
      Buffer.from('\ndb,b\n'),
    ]);
    const events = await read(bytes, 'csv');
    expect(records(events).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(rejects(events)).toEqual([[3, undefined, 'UTF-8 text']]);
  });

  it('is refused when the header does not fit', async () => {
    expect(await refusal('name,system,name\n', 'csv')).toMatch(
      /^FILE:1: expected each column once, got name twice/,
    );
    expect(await refusal('a,b\n1,2\n', 'csv', { fields: { name: 'User' } })).toBe(
      'FILE:1: fields.name: expected one of the columns a, b, got User',
    );
    expect(await refusal('a,b\n1,2\n', 'csv')).toMatch(
      /^FILE:1: expected a column named as a field .*got a, b/,
    );
    expect(await refusal('"name,system\nx,y\n', 'csv')).toMatch(/^FILE:1: expected quotes/);
  });
});

describe('JSON', () => {
  const mapping: Omit<ImportMapping, 'format' | 'source'> = {
    fields: {
      system: '/db~1host',
      name: 'user.names.0',
      secret: 'user.secret',
      attributes: { port: 'port' },
    },
  };
  const entry = (name: string) => ({
    'db/host': 'db',
    user: { names: [name], secret: `s-${name}` },
    port: 5432,
  });

  it.each([
    ['an array', (entries: unknown[]) => JSON.stringify(entries)],
    ['a spread array', (entries: unknown[]) => JSON.stringify(entries, null, 2)],
    ['one object a line', (entries: unknown[]) => entries.map((each) => JSON.stringify(each)).join('\n')],
    [
      'spread objects',
      (entries: unknown[]) => entries.map((each) => JSON.stringify(each, null, 1)).join('\n'),
    ],
  ])('is read from %s by pointers and dotted paths', async (_, print) => {
    const found = records(await read(print([entry('a'), entry('b')]), 'json', mapping));
    expect(found.map(({ secret, ...rest }) => ({ ...rest, secret: secret?.reveal() }))).toEqual([
      { system: 'db', name: 'a', secret: 's-a', attributes: { port: '5432' } },
      { system: 'db', name: 'b', secret: 's-b', attributes: { port: '5432' } },
    ]);
  });

  it('is read from the named array of a document', async () => {
    const text = JSON.stringify({ version: 1, items: [entry('a'), entry('b')], more: [] }, null, 1);
    const found = records(await read(text, 'json', { ...mapping, records: 'items' }));
    expect(found.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('takes nothing that is inherited', async () => {
    const fields = {
      system: { const: 'db' },
      name: '__proto__.x',
      principal: 'constructor.name',
      secret: 'secret',
    };
    const [record] = records(await read('{"secret":"s","__proto__":{"x":"named"}}', 'json', { fields }));
    expect(record?.name).toBe('named');
    expect(record?.principal).toBeUndefined();
  });

  it('rejects lines at fault, and the rest goes on', async () => {
    const lines = [
      '{"system":"db","name":"a"}',
      '{"system":"db","na',
      'garbage',
      '[1]',
      '{"system":"db","name":{}}',
      '{"system":"db","name":"b"}',
    ];
    const events = await read(lines.join('\n'), 'json');
    expect(records(events).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(rejects(events)).toEqual([
      [2, undefined, 'a JSON object'],
      [3, undefined, 'a JSON object'],
      [4, undefined, 'a JSON object'],
      [5, 'name', 'text'],
    ]);
  });

  it('that is cut off is refused, with the line of the record that does not end', async () => {
    const whole = JSON.stringify([entry('a'), entry('b'), entry('c')], null, 1);
    expect(await refusal(whole.slice(0, -40), 'json', mapping)).toMatch(
      /^FILE:22: expected the end of the record that begins here, got the end of the file at line 2\d/,
    );
    expect(await refusal(whole.slice(0, -1), 'json', mapping)).toMatch(
      /^FILE:32: expected the end of the JSON document/,
    );
  });
});

describe('formats', () => {
  const samples: [string, string, ImportFormat][] = [
    ['CSV', 'name,system\na,b\n', 'csv'],
    ['a JSON array', '[{"name":"a"}]', 'json'],
    ['JSON lines', '{"name":"a"}\n{"name":"b"}\n', 'json'],
    ['a TruffleHog report', '{"SourceMetadata":{"Data":{}},"DetectorName":"AWS","Raw":"x"}\n', 'trufflehog'],
    ['a gitleaks report', '[\n {\n  "RuleID": "x", "Secret": "y"}]', 'gitleaks'],
    ['a Kingfisher report', '{"findings":[{"rule":{"id":"x"},"finding":{"snippet":"y"}}]}\n', 'kingfisher'],
    ['Kingfisher lines', '{"rule":{"id":"x"},"finding":{"snippet":"y"}}\n', 'kingfisher'],
    ['an empty Kingfisher report', '{"findings":[],"metadata":{}}', 'kingfisher'],
    ['a Kingfisher report in another order', '{"metadata":{},"findings":[]}', 'kingfisher'],
    [
      'a gitleaks report with a long first record',
      `[{"Match":"${'m'.repeat(300_000)}","RuleID":"x"}]`,
      'json',
    ],
  ];

  it.each(samples)('tells %s', async (_, content, format) => {
    expect(await detectFormat(await write(content))).toBe(format);
  });

  it.each([
    [
      'gitleaks',
      '{"DetectorName":"AWS","Raw":"x"}',
      'a gitleaks report, got what looks like a TruffleHog report',
    ],
    ['trufflehog', 'a,b\n', 'a TruffleHog report, got what looks like CSV'],
    ['csv', '[]', 'CSV, got what looks like JSON'],
    ['kingfisher', '[{"name":"a"}]', 'a Kingfisher report, got what looks like JSON'],
    ['json', 'a,b\n', 'JSON, got what looks like CSV'],
  ] as const)('refuses as %s what is not', async (format, content, message) => {
    expect(await refusal(content, format)).toBe(`FILE:1: expected ${message}`);
  });

  it.each(['gitleaks', 'kingfisher', 'json'] as const)('takes an empty array as %s', async (format) => {
    expect(await read('[]', format)).toEqual([]);
  });

  it.each(['csv', 'json', 'trufflehog', 'gitleaks', 'kingfisher'] as const)(
    'refuses what is no text as %s',
    async (format) => {
      expect(await refusal('', format)).toBe('FILE:1: expected records, got an empty file');
      expect(await refusal(' \n\n', format)).toBe('FILE:1: expected records, got an empty file');
      expect(await refusal(Buffer.from('\ufeffname,system\n', 'utf16le'), format)).toBe(
        'FILE:1: expected UTF-8 text, got UTF-16 text',
      );
      expect(await refusal(gzipSync('name\n'), format)).toBe('FILE:1: expected UTF-8 text, got gzip data');
      expect(await refusal('{"a":1}\n{"b":"\u0000"}', format)).toMatch(/^FILE:2: expected UTF-8 text/);
      expect(await refusal('<html>', format)).toMatch(/XML or HTML/);
    },
  );

  it('refuses what is no regular file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const name of ['pipe', '.', 'nothing'])
      await expect(detectFormat(join(folder, name))).rejects.toMatchObject({ code: 'bad_input' });
  });
});

describe('secrets', () => {
  const canary = 'canary-7f3a91-secret';

  it('stay wrapped, and no fault quotes what may be one', async () => {
    const columns = [
      'system',
      'kind',
      'name',
      'class',
      'changedAt',
      'secretRef',
      'delivery',
      'suppliers',
      'expiresAt',
    ];
    const hostile = columns.map((_, at) =>
      columns.map((__, other) => (other === at ? `../${canary}/..` : 'x')).join(','),
    );
    const shown: unknown[] = [];
    shown.push(await read([columns.join(','), ...hostile].join('\n'), 'csv'));
    shown.push(await read(`system,name,secret\ndb,a,${canary}\n`, 'csv'));
    shown.push(
      await read(
        `{"name":"a","secret":"${canary}" oops}\n{"system":"db","name":"a","secret":"${canary}"}`,
        'json',
      ),
    );
    shown.push(
      await read(
        `[{"RuleID":"r","Secret":"${canary}","Match":"x=${canary}","File":"f","StartLine":1}]`,
        'gitleaks',
      ),
    );
    for (const value of shown) {
      expect(inspect(value, { depth: 9, showHidden: true })).not.toContain(canary);
      expect(JSON.stringify(value)).not.toContain(canary);
    }
    const cut = await read(`[{"RuleID":"r","Secret":"${canary}"`, 'gitleaks').catch(
      (error: unknown) => error,
    );
    expect(inspect(cut, { depth: 9 })).not.toContain(canary);
    expect(inspect(badInput('x', []))).toContain('FirebreakError');
  });
});

describe('size', () => {
  const gibibyte = 1024 ** 3;

  /** A line of a gibibyte in a file that takes no room on the disk: a hole between two writes. */
  const writeWithHole = async (head: string, tail: string): Promise<string> => {
    const file = join(folder, 'hole');
    await using handle = await open(file, 'w');
    await handle.write(head);
    await handle.write(tail, Buffer.byteLength(head) + gibibyte);
    return file;
  };

  it.each([
    ['csv', 'system,name\n', (at: number) => `db,n${at}\n`, '"db,'],
    ['csv', 'system,name\n', (at: number) => `db,n${at}\n`, 'db,'],
    ['json', '', (at: number) => `{"system":"db","name":"n${at}"}\n`, '{"system":"'],
  ] as const)(
    'a %s line of 1 GiB is rejected by its line, and the rest goes on',
    async (format, header, row, long) => {
      const rows = Array.from({ length: 40_000 }, (_, at) => row(at)).join('');
      const file = await writeWithHole(`${header}${rows}${long}`, `\n${row(40_000)}`);
      const counts = { record: 0, reject: 0 };
      const heap = heapMeter();
      let last: ImportEvent | undefined;
      for await (const event of readImport(file, format)) {
        counts[event.type]++;
        if (event.type === 'reject')
          expect(event.fault).toMatchObject({
            line: header === '' ? 40_001 : 40_002,
            expected: expect.stringContaining('1048576 bytes'),
          });
        last = event;
      }
      expect(counts).toEqual({ record: 40_001, reject: 1 });
      expect(last).toMatchObject({ type: 'record', record: { name: 'n40000' } });
      expect(heap.growthMiB()).toBeLessThan(40);
    },
  );

  it('an array element of 64 MiB is rejected by its line, and the rest goes on', async () => {
    const big = 'x'.repeat(64 * 1024 * 1024);
    const events = await read(
      `[{"system":"db","name":"a"},\n{"name":"${big}"},\n{"system":"db","name":"b"}]`,
      'json',
    );
    expect(records(events).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(rejects(events)).toEqual([[2, undefined, 'a record of at most 1048576 bytes']]);
  });

  it.each([
    ['csv', 'system,name,secret,place\n', (at: number) => `db,n${at},secret-${at},${'p'.repeat(400)}\n`, ''],
    [
      'json',
      '[',
      (at: number) =>
        `${at ? ',' : ''}{"system":"db","name":"n${at}","secret":"secret-${at}","more":"${'p'.repeat(400)}"}\n`,
      ']',
    ],
    [
      'trufflehog',
      '',
      (at: number) =>
        `{"SourceMetadata":{"Data":{"Git":{"file":"f${at}","line":1}}},"DetectorName":"Github","Raw":"secret-${at}","ExtraData":{"more":"${'p'.repeat(400)}"}}\n`,
      '',
    ],
    [
      'gitleaks',
      '[',
      (at: number) =>
        `${at ? ',' : ''}{"RuleID":"r","File":"f${at}","StartLine":1,"Secret":"secret-${at}","Match":"${'p'.repeat(400)}"}\n`,
      ']',
    ],
    [
      'kingfisher',
      '{"findings":[',
      (at: number) =>
        `${at ? ',' : ''}{"rule":{"id":"r"},"finding":{"path":"f${at}","line":1,"snippet":"secret-${at}","more":"${'p'.repeat(400)}"}}`,
      '],"metadata":{}}',
    ],
  ] as const)(
    '100,000 records of a %s file take memory for their hashes only',
    async (format, head, row, tail) => {
      const rows = Array.from({ length: 100_000 }, (_, at) => row(at));
      const file = await write(`${head}${rows.join('')}${tail}`);
      rows.length = 0;
      const heap = heapMeter();
      let count = 0;
      for await (const event of readImport(file, format)) {
        expect(event.type === 'record' && event.record.secret?.byteLength).toBeTruthy();
        if (++count % 25_000 === 0) heap.measure();
      }
      expect(count).toBe(100_000);
      // The file has about 50 MB; what grows is the memory of duplicates.
      expect(heap.growthMiB()).toBeLessThan(24);
    },
  );

  it('finds a duplicate over the whole length of a file', async () => {
    const rows = Array.from({ length: 50_000 }, (_, at) => `db,n${at}`);
    const events = await read(['system,name', ...rows, 'db,n17'].join('\n'), 'csv');
    expect(rejects(events)).toEqual([[50_002, undefined, 'each credential once']]);
  });
});

/** The greatest heap in use after a collection, over that at the start. */
function heapMeter(): { measure(): void; growthMiB(): number } {
  const used = (): number => {
    global.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  if (!global.gc) enableGc();
  const start = used();
  let most = start;
  const measure = (): void => {
    most = Math.max(most, used());
  };
  return {
    measure,
    growthMiB: () => {
      measure();
      return (most - start) / 1024 / 1024;
    },
  };
}

function enableGc(): void {
  setFlagsFromString('--expose-gc');
  global.gc = runInNewContext('gc');
}
