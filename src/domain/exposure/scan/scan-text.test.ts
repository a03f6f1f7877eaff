import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerFindings } from './recognise/headers.ts';
import { scanText } from './scan-text.ts';
import { hitKinds } from './types.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const b64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  iss: 'https://idp.example',
  sub: 'alice@example.com',
  exp: 1_700_000_000,
  iat: 1_699_990_000,
  azp: 'portal',
  nonce: 'private',
};
const jwt = `${b64url({ alg: 'RS256', kid: '1' })}.${b64url(claims)}.c2lnbmF0dXJlc2lnbmF0dXJl`;
const saml =
  '<samlp:Response xmlns:samlp="p"><saml:Issuer>https://idp.example</saml:Issuer><saml:Assertion><saml:Issuer>https://idp.example</saml:Issuer>' +
  '<saml:Subject><saml:NameID Format="e">alice@example.com</saml:NameID></saml:Subject><saml:Conditions NotBefore="2023-10-18T10:00:00Z" NotOnOrAfter="2023-10-18T11:00:00Z"/></saml:Assertion></samlp:Response>';

/** Text, and what must be found in it: kind, class and value; more facts where they matter. */
const found: [string, string, object][] = [
  [
    'a JSON field',
    '{"user":"bob","password":"hunter2!"}',
    { kind: 'json-field', class: 'password', name: 'password', value: 'hunter2!' },
  ],
  ['a field with escapes', String.raw`{"password":"a\"b\u0041/cd"}`, { value: 'a"bA/cd' }],
  [
    'JSON inside a string of JSON',
    String.raw`{"body":"{\"password\":\"p@\\\"ss word1\"}"}`,
    { value: 'p@"ss word1' },
  ],
  [
    'a list',
    '{"refreshTokens":1,"refreshToken":["aaaa1111bbbb","cccc2222dddd"]}',
    { value: 'cccc2222dddd', class: 'oauth-token' },
  ],
  ['a number', '{"pin": 82931 }', { value: '82931', class: 'password' }],
  [
    'a pair of name and value',
    '{ "name" : "client_secret" ,\n "value" : "abcd1234efgh" }',
    { name: 'client_secret', value: 'abcd1234efgh' },
  ],
  ['an input of a page', '<input name="password" value="Tr0ub4dor"/>', { value: 'Tr0ub4dor' }],
  [
    'a program',
    "const apiKey = 'k3y-0123456789ab';",
    { kind: 'assignment', class: 'api-token', value: 'k3y-0123456789ab' },
  ],
  [
    'an environment file',
    'PORT=80\nexport DB_PASSWORD=s3cr3t!pw\n',
    { kind: 'assignment', name: 'DB_PASSWORD', value: 's3cr3t!pw' },
  ],
  ['YAML', 'db:\n  password: s3cr3t!pw  # of the test system\n', { value: 's3cr3t!pw' }],
  ['properties', 'spring.datasource.password=s3cr3t!pw', { value: 's3cr3t!pw' }],
  ['a log line', '10:00 level=info user=bob password=hunter22 ok', { value: 'hunter22' }],
  ['XML', '<server><password>hunter22</password></server>', { value: 'hunter22' }],
  [
    'a URL',
    'GET https://a.example/cb?access_token=tok%2B1234567890 HTTP/1.1',
    { kind: 'url-parameter', value: 'tok+1234567890', class: 'oauth-token' },
  ],
  [
    'an authorization code',
    'https://a.example/cb?state=x&code=abcdefgh12345678',
    { kind: 'url-parameter', name: 'code' },
  ],
  [
    'user information',
    'git clone https://bob:pw%40123@git.example/x.git',
    { kind: 'url-userinfo', class: 'password', account: 'bob', value: 'pw@123' },
  ],
  [
    'a connection string',
    'redis://:redispass99@cache:6379/0',
    { kind: 'url-userinfo', value: 'redispass99', account: undefined },
  ],
  [
    'a command',
    `curl -H 'Authorization: Bearer abcdef0123456789'`,
    { kind: 'authorization-bearer', value: 'abcdef0123456789' },
  ],
  [
    'a header of a command',
    'curl -H "X-Api-Key: 0123456789abcdef"',
    { kind: 'api-key-header', value: '0123456789abcdef' },
  ],
  [
    'basic authentication',
    `authorization: Basic ${b64('bob:hun:ter2')}`,
    { kind: 'authorization-basic', account: 'bob', value: 'hun:ter2', class: 'password' },
  ],
  [
    'cookies',
    'Cookie: theme=dark; sid=abcdefgh12345678',
    { kind: 'cookie', name: 'sid', value: 'abcdefgh12345678', class: 'session' },
  ],
  [
    'a set cookie',
    'Set-Cookie: session=Zm9vYmFyYmF6cXV4; Path=/',
    { kind: 'set-cookie', value: 'Zm9vYmFyYmF6cXV4' },
  ],
  [
    'a token',
    `see ${jwt} here`,
    {
      kind: 'jwt',
      value: jwt,
      issuer: claims.iss,
      subject: claims.sub,
      account: claims.sub,
      clientId: 'portal',
      expiresAtMs: 1_700_000_000_000,
      issuedAtMs: 1_699_990_000_000,
    },
  ],
  ['a token in a field', `{"id_token":"${jwt}"}`, { kind: 'jwt', name: 'id_token' }],
  [
    'an assertion in a page',
    `<input type="hidden" name="SAMLResponse" value="${b64(saml)}"/>`,
    {
      kind: 'saml-assertion',
      class: 'session',
      issuer: 'https://idp.example',
      subject: 'alice@example.com',
      expiresAtMs: Date.UTC(2023, 9, 18, 11),
    },
  ],
  [
    'an assertion in a form',
    `SAMLResponse=${encodeURIComponent(b64(saml))}&RelayState=x`,
    { kind: 'saml-assertion', value: b64(saml) },
  ],
  ['an assertion as XML', `<x>${saml}</x>`, { kind: 'saml-assertion', subject: 'alice@example.com' }],
  ['percent-encoded JSON', 'data=%7B%22password%22%3A%22hunter22%22%7D', { value: 'hunter22' }],
  [
    'JSON in base64',
    `blob ${b64('{"client_secret":"abcd1234efgh"}')} end`,
    { value: 'abcd1234efgh', carrier: b64('{"client_secret":"abcd1234efgh"}') },
  ],
];

/** Text in which nothing is to be found. */
const clean: [string, string][] = [
  [
    'a program that handles secrets',
    'function(e){this.token=e.token,password:e.password;if(token=="abcdefgh1234")return}',
  ],
  [
    'labels',
    '{"password":"Password","token":"string","hint":"Enter your password","secret":"Your secret phrase here"}',
  ],
  [
    'tokens that open nothing',
    '{"csrfToken":"abc123def456ghi","nextPageToken":"CAUQAA123456789","token_type":"Bearer1234"}',
  ],
  [
    'redacted values',
    '{"password":"[redacted:json-field:abcdefgh]","token":"********","apiKey":"xxxxxxxxxxxx","secret":"<your-secret>"}',
  ],
  ['templates', 'PASSWORD=${DB_PASSWORD}\nTOKEN=$TOKEN\nAPI_KEY={{ api_key }}\nSECRET=%SECRET%\n'],
  ['a page', '<label for="password">Password</label>: <input type="password" name="password" value="">'],
  [
    'cookies of analytics and preferences',
    'Cookie: _ga=GA1.2.123456789.987654321; theme=dark-high-contrast; OptanonConsent=isGpcEnabled%3D0; lang=en-US',
  ],
  [
    'a redacted URL',
    'https://bob:[redacted:url-userinfo:abcdefgh]@a.example/?access_token=[redacted:url-parameter:abcdefgh]',
  ],
  [
    'a request to sign',
    'Authorization: AWS4-HMAC-SHA256 Credential=AKIAXXXXXXXXXXXXXXXX/20231018/us-east-1/s3/aws4_request, Signature=abcdef',
  ],
];

describe('text', () => {
  for (const [name, text, expected] of found)
    test(`finds ${name}`, () => {
      const findings = scanText(text);
      expect(findings).toContainEqual(expect.objectContaining(expected));
      for (const { start, end, value, carrier } of findings)
        expect(text.slice(start, end)).toBe(carrier ?? value);
    });

  for (const [name, text] of clean)
    test(`finds nothing in ${name}`, () => expect(scanText(text)).toEqual([]));

  test('encodings inside encodings are followed to a depth, and no further', () => {
    let text = '{"password":"hunter22"}';
    for (let depth = 0; depth < 4; depth++) text = JSON.stringify({ data: b64(text) });
    expect(scanText(text).map(({ value }) => value)).toEqual(['hunter22']);
    for (let depth = 0; depth < 4; depth++) text = JSON.stringify({ data: b64(text) });
    expect(scanText(text)).toEqual([]);
  });

  test('claims of a token are shown as text, and only when they are text', () => {
    const token = `${b64url({ alg: 'none' })}.${b64url({ iss: 'a\u001b[31m\nb', sub: { x: 1 }, exp: 'soon' })}.`;
    expect(scanText(token)[0]).toMatchObject({
      issuer: 'a\\u001b[31m\\u000ab',
      subject: undefined,
      expiresAtMs: undefined,
    });
  });

  test('any text is scanned in order, within its bounds, without overlaps (property)', () => {
    const parts = fc.constantFrom(
      ...found.map(([, text]) => text),
      ...clean.map(([, text]) => text),
      ' ',
      '\n',
      '"',
      '\\',
      '%22',
      'eyJ',
      '-----BEGIN',
      '://a:b@',
      'é',
      '=',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 12 }), (list) => {
        const text = list.join('');
        let last = { start: 0, end: 0, carrier: '' as string | undefined };
        for (const finding of scanText(text)) {
          expect(finding.end).toBeLessThanOrEqual(text.length);
          const sameRun = finding.start === last.start && finding.end === last.end;
          if (finding.carrier === undefined || !sameRun)
            expect(finding.start).toBeGreaterThanOrEqual(last.carrier === undefined ? last.end : last.start);
          last = { start: finding.start, end: finding.end, carrier: finding.carrier };
        }
      }),
      { numRuns: 500 },
    );
  });

  test('hostile text takes time in proportion to its length', () => {
    const hostile = [
      '://',
      '://a:',
      'password',
      `password"${' '.repeat(50)}`,
      'eyJ',
      '%22',
      '<a:Assertion ',
      '-----BEGIN',
      '-----BEGIN PRIVATE KEY-----',
      '{-----BEGIN PRIVATE KEY-----END',
      '\\"',
      'name="password" ',
      'token=',
      'token= ',
      ' :',
      ' '.repeat(999).concat(':'),
      'PHNhbW',
      'PD94bWwg',
      'eyJhbGciOiJub25lIn0',
      'eyJhbGciOiJub25lIn0.',
      '&code=',
      "'",
      'key="',
      "key='a",
      'key="\\',
      'name="key" value=',
      '_authToken=',
      'secret_access_key=',
      'cookie: ',
      'Authorization: Basic ',
      '{"',
      'SG.a',
      'xoxb-a-',
      '<key>',
    ];
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(1_000_000 / part.length));
      const before = process.cpuUsage();
      scanText(text);
      const { user } = process.cpuUsage(before);
      // Ordinary text takes some milliseconds, the worst of these two seconds; quadratic work takes minutes.
      expect(user / 1e6, part).toBeLessThan(8);
    }
  });
});

test('no mark of the sanitiser is taken for a secret', () => {
  const marks = hitKinds.map((kind) => `[redacted:${kind}:a1B2c3D4]`);
  for (const mark of marks) {
    for (const text of [
      mark,
      `x ${mark} y`,
      `{"password":"${mark}"}`,
      `?access_token=${mark}&x`,
      `Cookie: sid=${mark}`,
      `Bearer ${mark}`,
      `https://u:${mark}@h/`,
      `token=${encodeURIComponent(mark)}`,
    ])
      expect(scanText(text), text).toEqual([]);
    for (const name of ['cookie', 'set-cookie', 'authorization', 'x-api-key'])
      for (const value of [mark, `sid=${mark}`, `Basic ${mark}`, `Bearer ${mark}`])
        expect(headerFindings(name, value), value).toEqual([]);
  }
});

describe('headers', () => {
  const cases: [string, string, object[]][] = [
    ['authorization', `Bearer ${jwt}`, [{ kind: 'authorization-bearer', issuer: claims.iss }]],
    [
      'Authorization',
      'SSWS 00abcdefghijklmnop',
      [{ kind: 'api-key-header', value: '00abcdefghijklmnop', class: 'api-token' }],
    ],
    [
      'authorization',
      `Basic ${b64('0123456789abcdef:')}`,
      [{ kind: 'authorization-basic', class: 'api-token', value: '0123456789abcdef' }],
    ],
    ['authorization', 'Digest username="bob", response="0123456789abcdef"', []],
    [
      'proxy-authorization',
      `Negotiate ${b64('ticket of some length')}`,
      [{ kind: 'api-key-header', class: 'session' }],
    ],
    ['x-vault-token', 'hvs.abcdefgh', [{ kind: 'api-key-header', class: 'api-token' }]],
    ['X-Amz-Security-Token', 'FwoGZXIvYXdzEJr', [{ kind: 'api-key-header', class: 'cloud-key' }]],
    ['x-csrf-token', 'abcdefgh12345678', []],
    ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ==', []],
    [
      'set-cookie',
      'a_session=abcdefgh12345678; Max-Age=60\nid_token=bcdefgh123456789',
      [{ name: 'a_session', expiresAtMs: 61_000 }, { name: 'id_token' }],
    ],
    ['cookie', 'sid="abcdefgh12345678"', [{ value: 'abcdefgh12345678' }]],
    ['cookie', `token=${jwt}`, [{ kind: 'cookie', class: 'session', subject: claims.sub }]],
    ['cookie', 'unknown=4f5a6b7c8d9e0f1a2b3c; flag=true; when=2023-10-18T10:00:00Z', [{ name: 'unknown' }]],
  ];
  for (const [name, value, expected] of cases)
    test(`${name}: ${value.slice(0, 30)}`, () => {
      const findings = headerFindings(name, value, 1_000);
      expect(findings).toHaveLength(expected.length);
      expect(findings).toMatchObject(expected);
    });
});
