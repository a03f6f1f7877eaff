/** HAR files like those that a browser writes, from a seed. */
import { open } from 'node:fs/promises';
import type { Random } from '../src/kernel/random.ts';

/** A file of about `bytes` bytes: the traffic of a browser, of which some is signed in. */
export async function writeHar(
  path: string,
  bytes: number,
  random: Random,
  space: number | undefined,
): Promise<void> {
  const bodies = Array.from({ length: 60 }, (_, index) => bodyOf(index, random));
  const file = await open(path, 'w');
  try {
    const log = { version: '1.2', creator: { name: 'WebInspector', version: '537.36' }, pages: [] };
    await file.write(`{"log":${JSON.stringify(log, null, space).slice(0, -1)},"entries":[`);
    let written = 0;
    let session = token(random, 24);
    let bearer = token(random, 32);
    for (let id = 0; written < bytes; id++) {
      if (id % 200 === 0) session = token(random, 24);
      if (id % 50 === 0) bearer = token(random, 32);
      const entry = entryOf(id, bodies[random.below(bodies.length)] as Body, session, bearer);
      const text = `${id === 0 ? '' : ','}\n${JSON.stringify(entry, null, space)}`;
      written += text.length;
      await file.write(text);
    }
    await file.write(']}}');
  } finally {
    await file.close();
  }
}

const token = (random: Random, bytes: number): string =>
  Buffer.from(random.bytes(bytes)).toString('base64url');

interface Body {
  mimeType: string;
  text: string;
  encoding?: string;
}

const words =
  'account address amount balance button callback cancel category click color column comment config content create customer data default delete description display element email error event field filter format function group handle header height history import index input invoice label language layout length link list loading login message method module name number object option order page password payload payment price product profile query render report request response result return role row save search select session setting size sort source state status style submit summary table target text title token total type update user value version view width'.split(
    ' ',
  );

type Make = (random: Random, size: number) => Body;

const word = (random: Random): string => words[random.below(words.length)] as string;
const lines = (count: number, make: () => string): string => Array.from({ length: count }, make).join('\n');

const apiBody: Make = (random, size) => {
  const some = () => word(random);
  const items = Array.from({ length: size }, (_, at) => ({
    id: at,
    name: `${some()} ${some()}`,
    href: `https://app.example.com/api/${some()}/${at}?page=2`,
    owner: { email: `${some()}@example.com`, active: true },
    updatedAt: '2023-11-14T09:22:49.000Z',
    [some()]: some(),
  }));
  return { mimeType: 'application/json', text: JSON.stringify({ items, total: size }) };
};

const scriptBody: Make = (random, size) => {
  const some = () => word(random);
  const line = () =>
    `function ${some()}${some()}(e,t){return t.${some()}?e.${some()}("${some()}",{${some()}:t.${some()},${some()}:!0,${some()}:"${some()}"}):e.${some()}=null};`;
  return { mimeType: 'text/javascript', text: lines(size, line) };
};

const styleBody: Make = (random, size) => {
  const line = () =>
    `.${word(random)}-${word(random)}{color:#0a0b0c;width:calc(100% - 2px);background:url("/img/${word(random)}.svg")}`;
  return { mimeType: 'text/css', text: lines(size, line) };
};

const pageBody: Make = (random, size) => {
  const some = () => word(random);
  const line = () =>
    `<div class="${some()}"><a href="/${some()}/${some()}">${some()} ${some()}</a><p>${some()} ${some()}.</p></div>`;
  return { mimeType: 'text/html', text: `<!doctype html><html><body>\n${lines(size, line)}</body></html>` };
};

const imageBody: Make = (random, size) => ({
  mimeType: 'image/png',
  encoding: 'base64',
  text: Buffer.from(random.bytes(size * 40)).toString('base64'),
});

/** What ten bodies of a browser's traffic are. */
const makers: readonly Make[] = [
  apiBody,
  apiBody,
  apiBody,
  apiBody,
  scriptBody,
  scriptBody,
  scriptBody,
  styleBody,
  pageBody,
  imageBody,
];

const bodyOf = (index: number, random: Random): Body =>
  (makers[index % makers.length] as Make)(random, 20 + random.below(400));

const pair = (name: string, value: string): object => ({ name, value });
const plain = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => pair(`x-${words[at]}`, `${words[at + 7]} ${at}`));

const browser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36';
const frame = {
  functionName: 'load',
  scriptId: '12',
  url: 'https://app.example.com/static/main.js',
  lineNumber: 1,
  columnNumber: 23_456,
};

function entryOf(id: number, content: Body, session: string, bearer: string): object {
  const isApi = content.mimeType === 'application/json';
  return {
    _initiator: { type: 'script', stack: { callFrames: [frame] } },
    startedDateTime: new Date(Date.UTC(2023, 9, 18) + id * 250).toISOString(),
    time: 12.5,
    request: requestOf(id, session, isApi ? bearer : undefined),
    response: {
      status: 200,
      statusText: '',
      httpVersion: 'HTTP/2',
      headers: [
        pair('content-type', content.mimeType),
        pair('date', 'Wed, 18 Oct 2023 10:00:00 GMT'),
        ...plain(15),
      ],
      cookies: [],
      content: { size: content.text.length, ...content },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { blocked: 1, dns: -1, connect: -1, send: 0.1, wait: 10, receive: 1, ssl: -1 },
    serverIPAddress: '192.0.2.1',
    connection: '443',
  };
}

function requestOf(id: number, session: string, bearer: string | undefined): object {
  const cookies = Object.entries({
    sid: session,
    _ga: 'GA1.2.1234567890.1697620000',
    theme: 'dark',
    locale: 'en-US',
  });
  const about = {
    path: '/',
    domain: 'app.example.com',
    expires: '2024-10-18T00:00:00.000Z',
    httpOnly: true,
    secure: true,
  };
  return {
    method: 'GET',
    url: `https://app.example.com/api/v1/${words[id % words.length]}?page=2&id=${id}`,
    httpVersion: 'HTTP/2',
    headers: [
      pair('accept', '*/*'),
      pair('accept-language', 'en-US,en;q=0.9'),
      pair('user-agent', browser),
      pair('cookie', cookies.map(([name, value]) => `${name}=${value}`).join('; ')),
      ...(bearer === undefined ? [] : [pair('authorization', `Bearer ${bearer}`)]),
      ...plain(12),
    ],
    queryString: [pair('page', '2'), pair('id', String(id))],
    cookies: cookies.map(([name, value]) => ({ name, value, ...about })),
    headersSize: -1,
    bodySize: 0,
  };
}
