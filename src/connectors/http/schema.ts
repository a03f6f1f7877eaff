/**
 * How an in-house web application is described in firebreak.yaml: where it is, who administers it, and the
 * requests that try, list, mint and revoke its service tokens and web sessions.
 */
import { z } from 'zod';
import { AdminSecret, Lockout } from '../config.ts';

/** A JSON pointer (RFC 6901) into an answer, such as /error/code. */
const Pointer = z.string().regex(/^(\/([^~/]|~[01])*)+$/, 'a JSON pointer such as /error/code');

const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header or cookie');

/** How a secret is presented. `basic` sends the principal as the user. */
export const Present = z.union(
  [
    z.enum(['bearer', 'basic']),
    z.strictObject({ header: HeaderName }),
    z.strictObject({ cookie: HeaderName }),
  ],
  { error: 'bearer, basic, {header: NAME} or {cookie: NAME}' },
);
export type Present = z.output<typeof Present>;

/**
 * A request. `{name}`, `{id}`, `{key}`, `{before}`, `{cursor}` and every attribute of the credential may stand
 * in the path and in the strings of the body; `{secret}` only in the body.
 */
const requestFields = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  path: z
    .string()
    .regex(/^\/(?!\/)/, 'a path that begins with one slash')
    .refine((path) => !path.includes('{secret}'), 'a path without {secret}: paths are written to logs'),
  headers: z.record(HeaderName, z.string()).default({}),
  json: z.json().optional(),
  form: z.record(z.string(), z.string()).optional(),
};
export const Request = z.strictObject(requestFields);
export type Request = z.output<typeof Request>;

/** An answer that says one known thing: a status, and the code in its body where the application sends one. */
export const Answer = z.strictObject({
  status: z
    .int()
    .min(400)
    .max(499)
    .refine((status) => status !== 429, 'a status other than 429, which says nothing of the credential'),
  code: Pointer.optional(),
  codes: z.array(z.string().min(1)).min(1).optional(),
});
export type Answer = z.output<typeof Answer>;

export const Verify = z.strictObject({
  ...requestFields,
  principal: Pointer,
  /** The application's authentication errors. Anything else that is not an acceptance is indeterminate. */
  refused: z.array(Answer).min(1),
});
export type Verify = z.output<typeof Verify>;

const Act = z.strictObject({
  ...requestFields,
  absent: z.array(Answer).default([]),
  count: Pointer.optional(),
});
export type Act = z.output<typeof Act>;

const Probe = z.strictObject({ ...requestFields, count: Pointer });

export const List = z.strictObject({
  ...requestFields,
  items: Pointer,
  id: Pointer,
  name: Pointer.optional(),
  principal: Pointer,
  createdAt: Pointer.optional(),
  lastUsedAt: Pointer.optional(),
  expiresAt: Pointer.optional(),
  /** Where the cursor of the next page is; the listing ends when it is absent, null or empty. */
  next: Pointer.optional(),
});
export type List = z.output<typeof List>;

const Issue = z.strictObject({
  ...requestFields,
  id: Pointer,
  secret: Pointer,
  name: Pointer.optional(),
  /** The application's own time of the new credential. */
  at: Pointer.optional(),
});

const Orphans = z.strictObject({
  ...requestFields,
  items: Pointer,
  id: Pointer,
  /** Where an item carries the key. Items with another key are left alone, whatever the listing returned. */
  key: Pointer,
});

const kindFields = {
  present: Present,
  verify: Verify,
  list: List.optional(),
  revoke: Act.optional(),
  /** Revokes by showing the secret: by `present`, or as `{secret}` in the body. For what was found in a leak. */
  revokeShown: Act.optional(),
  endSessions: Act.optional(),
  probeSessions: Probe.optional(),
};

export const HttpConfig = z.strictObject({
  /** Scheme, host and port, and a path in front of all others if there is one. */
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !/[?#@]/.test(url), 'a URL without user, query or fragment'),
  admin: z.strictObject({
    principal: z.string().min(1),
    present: Present.default('bearer'),
    secret: AdminSecret,
    /** Asked when a session opens, and the answer must be `principal`. */
    whoami: z.strictObject({ ...requestFields, principal: Pointer }),
  }),
  token: z.strictObject({ ...kindFields, issue: Issue.optional(), orphans: Orphans.optional() }).optional(),
  session: z.strictObject(kindFields).optional(),
  contain: Act.optional(),
  release: Act.optional(),
  /** A standing credential whose acceptance shows, while an ended session is refused, that the path works. */
  control: z
    .strictObject({
      kind: z.enum(['token', 'session']),
      name: z.string().min(1),
      principal: z.string().min(1),
      secret: AdminSecret,
    })
    .optional(),
  lockout: Lockout.optional(),
});
export type HttpConfig = z.output<typeof HttpConfig>;
export type KindConfig = NonNullable<HttpConfig['session']>;
