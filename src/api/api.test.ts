import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { createClient, exitCodeOf, inProcess, unwrap } from './index.ts';
import { serve } from './server.ts';
import { errorCodes, httpStatusOf } from './status.ts';

const config = `firebreak: 1
organisation: Test
environments: [{ name: production }]
suppliers: [{ id: okta, name: Okta }]
systems:
  - { name: portal, connector: postgres, environment: production, suppliers: [okta], config: { host: 127.0.0.1, port: 1, user: x, password: { env: NONE } } }
`;

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab(config);
});
afterAll(() => lab.close());

const caught = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('the call was to fail'),
    (error: unknown) => error as FirebreakError,
  );

async function finished(job: string) {
  for (;;) {
    const seen = await unwrap(lab.client.v1.jobs[':job'].$get({ param: { job } }));
    if (seen.state !== 'running') return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the typed client', () => {
  test('reads what the app answers, in process', async () => {
    const { advisories } = await unwrap(lab.client.v1.advisories.$get());
    expect(advisories.map(({ id }) => id)).toContain('okta-2023-10');
  });

  test('rebuilds the error that the domain threw', async () => {
    const error = await caught(
      unwrap(lab.client.v1.incidents[':incident'].$get({ param: { incident: 'inc_none' } })),
    );
    expect(error).toBeInstanceOf(FirebreakError);
    expect(error).toMatchObject({ code: 'not_found', message: 'no incident inc_none', retry: 'never' });
  });

  test('names each field of a request that does not fit', async () => {
    const json = { paths: ['relative/path', ''] };
    const error = await caught(
      unwrap(lab.client.v1.incidents[':incident'].scans.$post({ param: { incident: 'current' }, json })),
    );
    expect(error.code).toBe('bad_input');
    expect(error.faults).toEqual([
      { field: 'paths.0', expected: 'an absolute path' },
      { field: 'paths.1', expected: 'an absolute path' },
    ]);
  });

  test('says what is wrong with a body that is no JSON', async () => {
    const { fetch } = inProcess(lab.app);
    const response = await fetch('http://x/v1/incidents', {
      method: 'POST',
      body: '{"advisory": ',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'bad_input' } });
  });

  test('writes who acted into the ledger', async () => {
    const client = createClient(inProcess(lab.app), 'Zoë Ångström');
    await unwrap(client.v1.incidents.$post({ json: { advisory: 'okta-2023-10' } }));
    const { entries } = await unwrap(client.v1.ledger.entries.$get({ query: { kind: 'incident.opened' } }));
    expect(entries.at(-1)?.actor).toBe('Zoë Ångström');
  });
});

describe('who is let in', () => {
  test('a call that does not say how it came in is refused', async () => {
    const response = await lab.app.request('/v1/installation');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'refused' } });
  });

  test('over HTTP only the token opens, and the tiles are behind it too', async () => {
    const server = await serve(lab.app, { token: 'right-token' });
    try {
      const status = async (path: string, token?: string) => {
        const headers: Record<string, string> =
          token === undefined ? {} : { authorization: `Bearer ${token}` };
        return (await fetch(`${server.url}${path}`, { headers })).status;
      };
      expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      for (const path of ['/v1/installation', '/checkpoint', '/openapi.json', '/nothing']) {
        expect(await status(path)).toBe(401);
        expect(await status(path, 'wrong-token')).toBe(401);
        expect(await status(path, 'right-token-and-more')).toBe(401);
      }
      expect(await status('/v1/installation', 'right-token')).toBe(200);
      expect(await status('/nothing', 'right-token')).toBe(404);
      const client = createClient({ url: server.url, token: 'right-token' }, 'tester');
      expect((await unwrap(client.v1.installation.$get())).version).toBe('0.0.0-test');
    } finally {
      await server.close();
    }
  });

  test('a server that is gone is unavailable, and says so', async () => {
    const server = await serve(lab.app, { token: 't' });
    await server.close();
    const client = createClient({ url: server.url, token: 't' }, 'tester');
    const error = await caught(unwrap(client.v1.installation.$get()));
    expect(error).toMatchObject({ code: 'unavailable', retry: 'later' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('closing lets a request under way end', async () => {
    const server = await serve(lab.app, { token: 't' });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const text: string[] = [];
    socket.on('data', (data) => text.push(data.toString()));
    socket.write(
      'POST /v1/incidents HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t\r\ncontent-type: application/json\r\n',
    );
    const body = JSON.stringify({ advisory: 'codecov-2021-04' });
    socket.write(`content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`);
    await expect.poll(() => text.join('')).toContain('100 Continue');
    const closing = server.close();
    socket.write(body);
    await expect.poll(() => text.join('')).toContain('HTTP/1.1 200 OK');
    socket.end();
    await closing;
  });

  test('bodies above the limit are refused', async () => {
    const { fetch } = inProcess(lab.app);
    const body = 'x'.repeat(limits.apiBodyBytesMax + 1);
    const response = await fetch('http://x/v1/incidents', { method: 'POST', body });
    expect(response.status).toBe(413);
  });

  test('too many requests in a minute get 429 and a time to come again', async () => {
    const busy = await openApiLab(config, { requestsPerMinuteMax: 3 });
    try {
      const { fetch } = inProcess(busy.app);
      const statuses = [];
      for (let n = 0; n < 4; n++) statuses.push((await fetch('http://x/v1/jobs')).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      expect((await fetch('http://x/v1/jobs')).headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect((await busy.app.request('/v1/jobs')).status, 'strangers have a count of their own').toBe(401);
    } finally {
      await busy.close();
    }
  });
});

describe('jobs', () => {
  test('an import runs as a job and gives its counts', async () => {
    const file = join(lab.domain.folder, 'list.csv');
    await writeFile(
      file,
      'system,kind,name,class\nportal,password,app_1,password\nportal,password,app_1,password\n',
    );
    const { job } = await unwrap(lab.client.v1.inventory.imports.$post({ json: { file, source: 'cmdb' } }));
    const done = await finished(job);
    expect(done).toMatchObject({ kind: 'import', state: 'done', error: null });
    expect(done.result).toMatchObject({ records: 2, accepted: 1, rejected: 1, added: 1 });
  });

  test('a failing one says why', async () => {
    const file = join(lab.domain.folder, 'absent.csv');
    const { job } = await unwrap(lab.client.v1.inventory.imports.$post({ json: { file, source: 'cmdb' } }));
    expect(await finished(job)).toMatchObject({ state: 'failed', error: { code: 'bad_input' } });
  });

  test('one that is cancelled ends as cancelled', async () => {
    const started = lab.jobs.start(
      'scan',
      'tester',
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await unwrap(lab.client.v1.jobs[':job'].$delete({ param: { job: started.id } }));
    expect((await finished(started.id)).state).toBe('cancelled');
  });

  test('no more run at a time than the limit, and old results are forgotten', async () => {
    const stop = new AbortController();
    const wait = () => new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
    const running = Array.from({ length: limits.apiJobsRunningMax }, () =>
      lab.jobs.start('scan', 'tester', wait),
    );
    expect(() => lab.jobs.start('scan', 'tester', wait)).toThrow('run already');
    stop.abort();
    for (const { id } of running) await finished(id);
    for (let n = 0; n < limits.apiJobsKeptMax + 5; n++)
      await finished(lab.jobs.start('scan', 'tester', async () => n).id);
    expect(lab.jobs.list().length).toBeLessThanOrEqual(limits.apiJobsKeptMax + 1);
  });
});

describe('the ledger for monitors', () => {
  test('checkpoint and tiles are served by the paths of C2SP', async () => {
    const { fetch } = inProcess(lab.app);
    const checkpoint = await (await fetch('http://x/checkpoint')).text();
    const size = Number(checkpoint.split('\n')[1]);
    expect(size).toBeGreaterThan(0);
    const tile = await fetch(`http://x/tile/0/000.p/${size}`);
    expect((await tile.arrayBuffer()).byteLength).toBe(size * 32);
    const entries = await fetch(`http://x/tile/entries/000.p/${size}`);
    expect(entries.headers.get('content-type')).toBe('application/octet-stream');
    for (const path of [
      '/tile/0/0',
      '/tile/0/000.p/0',
      `/tile/0/000.p/${size + 1}`,
      '/tile/../../etc/passwd',
    ])
      expect((await fetch(`http://x${path}`)).status, path).toBe(404);
  });
});

test('the OpenAPI document describes every route with its errors', async () => {
  const { fetch } = inProcess(lab.app);
  const document = (await (await fetch('http://x/openapi.json')).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown>; summary?: string }>>;
    components: { schemas: Record<string, unknown> };
  };
  expect(Object.keys(document.paths)).toContain('/v1/rotations/{plan}/apply');
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item)) {
      expect(operation.summary, `${method} ${path}`).toBeTruthy();
      expect(Object.keys(operation.responses), `${method} ${path}`).toEqual(['200', 'default']);
    }
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['Incident', 'Census', 'Error']),
  );
});

test('every error code has a status and an exit code', () => {
  expect(errorCodes.map((code) => [code, httpStatusOf(code), exitCodeOf(code)])).toMatchInlineSnapshot(`
    [
      [
        "bad_input",
        400,
        2,
      ],
      [
        "not_found",
        404,
        2,
      ],
      [
        "conflict",
        409,
        1,
      ],
      [
        "refused",
        403,
        3,
      ],
      [
        "in_use",
        423,
        1,
      ],
      [
        "unavailable",
        503,
        1,
      ],
      [
        "outstanding",
        409,
        1,
      ],
      [
        "limit_exceeded",
        429,
        1,
      ],
      [
        "unsupported",
        422,
        1,
      ],
      [
        "corrupt",
        500,
        1,
      ],
      [
        "internal",
        500,
        1,
      ],
    ]
  `);
});
