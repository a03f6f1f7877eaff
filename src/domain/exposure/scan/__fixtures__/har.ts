/** A HAR file with secrets in every place that the scan knows, and archives to put it in. */
import { randomBytes } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const made = (prefix: string): string => `${prefix}${randomBytes(12).toString('hex')}`;

/** Fresh secrets by the place where they are put. */
export function makeSecrets() {
  const subject = 'alice@example.com';
  const claims = { iss: 'https://idp.example', sub: subject, exp: 1_700_000_000, jti: made('j') };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const saml = `<samlp:Response><saml:Issuer>https://idp.example</saml:Issuer><saml:Assertion ID="${made('a')}"><saml:NameID>${subject}</saml:NameID></saml:Assertion></samlp:Response>`;
  return {
    cookie: made('c'),
    setCookie: made('s'),
    bearer: `${part({ alg: 'RS256' })}.${part(claims)}.${made('')}`,
    basic: `${made('b')}&"x`,
    apiKey: made('k'),
    urlToken: `${made('u')}/+=`,
    urlPassword: made('p'),
    formPassword: `${made('f')}&é "q"\\`,
    jsonToken: `${made('t')}"\\/`,
    nestedSecret: made('n'),
    base64Secret: made('d'),
    saml: b64(saml),
    socketToken: made('w'),
    github: `ghp_${made('').padEnd(36, '0').slice(0, 36)}`,
    pageToken: made('g'),
    redirectToken: made('r'),
    multipart: made('m'),
  };
}
export type Secrets = ReturnType<typeof makeSecrets>;

const pair = (name: string, value: string): object => ({ name, value });

/** One entry with all of `secrets` but `pageToken`, which stands in the document around the entries. */
export function entryWith(secrets: Secrets, id = 0): Record<string, unknown> {
  const form = new URLSearchParams({ user: 'bob', password: secrets.formPassword, SAMLResponse: secrets.saml });
  const body = JSON.stringify({ access_token: secrets.jsonToken, inner: JSON.stringify({ client_secret: secrets.nestedSecret }) });
  return {
    startedDateTime: '2023-10-18T10:00:00.000Z',
    time: 12.5,
    request: {
      method: 'POST',
      url: `https://bob:${secrets.urlPassword}@app.example:8443/api/${id}?access_token=${encodeURIComponent(secrets.urlToken)}&page=2#x`,
      httpVersion: 'HTTP/2',
      headers: [
        pair('Cookie', `theme=dark; sid=${secrets.cookie}`),
        pair('Authorization', `Bearer ${secrets.bearer}`),
        pair('Proxy-Authorization', `Basic ${b64(`bob:${secrets.basic}`)}`),
        pair('X-Api-Key', secrets.apiKey),
        pair('X-Note', `uses ${secrets.github} for now`),
      ],
      cookies: [pair('theme', 'dark'), pair('sid', secrets.cookie)],
      queryString: [pair('access_token', encodeURIComponent(secrets.urlToken)), pair('page', '2')],
      postData: { mimeType: 'application/x-www-form-urlencoded', text: form.toString(), params: [...form].map(([name, value]) => pair(name, encodeURIComponent(value))) },
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status: 200,
      statusText: 'OK',
      httpVersion: 'HTTP/2',
      headers: [pair('Set-Cookie', `session=${secrets.setCookie}; Path=/; Max-Age=60`)],
      cookies: [pair('session', secrets.setCookie)],
      content: { size: body.length, mimeType: 'application/json', text: body },
      redirectURL: `https://app.example/next#id_token=${secrets.redirectToken}`,
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: 1, receive: 1 },
    _webSocketMessages: [{ type: 'send', data: JSON.stringify({ sessionToken: secrets.socketToken }) }],
  };
}

/** An entry whose bodies are a multipart form and base64. */
export function encodedEntryWith(secrets: Secrets): Record<string, unknown> {
  const multipart = `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secrets.multipart}\r\n--x--\r\n`;
  return {
    startedDateTime: '2023-10-18T10:00:01.000Z',
    request: { method: 'POST', url: 'https://app.example/upload', headers: [], cookies: [], queryString: [], postData: { mimeType: 'multipart/form-data; boundary=x', text: multipart } },
    response: {
      status: 200,
      headers: [],
      cookies: [],
      content: { mimeType: 'application/json', encoding: 'base64', text: b64(`{"note":"\u00e9","api_key":"${secrets.base64Secret}"}`) },
      redirectURL: '',
    },
  };
}

export function harWith(secrets: Secrets, space?: number): string {
  const pages = [{ id: 'page_1', title: `https://app.example/?access_token=${secrets.pageToken}` }];
  const creator = { name: 'test', version: '1' };
  return JSON.stringify({ log: { version: '1.2', creator, pages, entries: [entryWith(secrets, 1), encodedEntryWith(secrets)] } }, null, space);
}

/** A zip file. No library here writes one, and this much of the format is short. */
export function zipOf(files: Record<string, string | Buffer>, flags = 0): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const plain = Buffer.from(content as string);
    const packed = deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800 | flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32Of(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const trailer = Buffer.alloc(14);
    trailer.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, trailer, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

const crc32Of = (bytes: Buffer): number => crc32(bytes);
