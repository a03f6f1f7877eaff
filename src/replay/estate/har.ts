/** Support-case HAR files of the estate, as browsers write them, with real secrets of the estate in them. */
import type { Random } from '../../kernel/random.ts';
import type { Secret } from '../../kernel/secret.ts';

export interface Leak {
  kind: 'session' | 'token' | 'database';
  secret: Secret;
  /** The account, for a database URL. */
  account?: string;
}

interface Header {
  name: string;
  value: string;
}

const portal = 'https://portal.corp.example';

/** One HAR file of `entries` requests; each leak stands in one of them. */
export function makeHar(
  random: Random,
  input: { case: string; startedAt: Date; entries: number; leaks: Leak[] },
): string {
  const entries = Array.from({ length: input.entries }, (_, index) => {
    const leak = input.leaks.find(
      (_, at) => Math.floor(((at + 1) * input.entries) / (input.leaks.length + 1)) === index,
    );
    const startedDateTime = new Date(input.startedAt.getTime() + index * 850).toISOString();
    return entry(random, startedDateTime, index, leak);
  });
  const log = {
    version: '1.2',
    creator: { name: 'WebInspector', version: '537.36' },
    pages: [],
    entries,
    comment: input.case,
  };
  return JSON.stringify({ log }, null, 2);
}

function entry(random: Random, startedDateTime: string, index: number, leak: Leak | undefined): object {
  const headers: Header[] = [
    { name: 'Accept', value: 'application/json, text/plain, */*' },
    {
      name: 'User-Agent',
      value:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36',
    },
    ...leakHeaders(leak),
  ];
  const cookies =
    leak?.kind === 'session'
      ? [{ name: 'portal_session', value: leak.secret.reveal(), httpOnly: true, secure: true }]
      : [];
  const body = JSON.stringify(answer(random, index, leak));
  return {
    startedDateTime,
    time: 20 + random.below(300),
    request: {
      method: 'GET',
      url: `${portal}/v1/tickets/${10_000 + random.below(80_000)}?page=${index}`,
      httpVersion: 'HTTP/2',
      headers,
      cookies,
      queryString: [{ name: 'page', value: String(index) }],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 200,
      statusText: 'OK',
      httpVersion: 'HTTP/2',
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      cookies: [],
      content: { size: body.length, mimeType: 'application/json', text: body },
      redirectURL: '',
      headersSize: -1,
      bodySize: body.length,
    },
    cache: {},
    timings: { send: 1, wait: 15, receive: 4 },
  };
}

function leakHeaders(leak: Leak | undefined): Header[] {
  if (leak?.kind === 'token') return [{ name: 'Authorization', value: `Bearer ${leak.secret.reveal()}` }];
  if (leak?.kind === 'session')
    return [
      { name: 'Cookie', value: `_ga=GA1.1.1193.1697; locale=en; portal_session=${leak.secret.reveal()}` },
    ];
  return [];
}

/** A page of tickets; a database leak is a connection string that somebody pasted into one. */
function answer(random: Random, index: number, leak: Leak | undefined): object {
  const pasted =
    leak?.kind === 'database'
      ? `service fails to connect: postgresql://${leak.account}:${leak.secret.reveal()}@core-db.corp.example:5432/postgres`
      : 'Request takes longer than usual after the upgrade; see the attached trace.';
  const tickets = Array.from({ length: 4 }, (_, row) => ({
    id: index * 10 + row,
    priority: 1 + random.below(4),
    state: 'open',
    title: `Case ${1000 + random.below(9000)}`,
    updated: '2023-10-02T10:00:00Z',
    text: row === 0 ? pasted : 'No change since the last comment.',
  }));
  return { page: index, total: 40, tickets };
}
