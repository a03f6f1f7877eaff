/** What every group of routes is built with. */
import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { Context } from '../domain/context.ts';
import type { HuntContext } from '../domain/hunt/index.ts';
import { badInput, type Fault } from '../kernel/errors.ts';
import type { Jobs } from './jobs-table.ts';
import type { ApiPorts } from './ports.ts';

/** How a request reached the app. Whoever calls `app.fetch` says so; without it every request is refused. */
export type Entrance =
  | { kind: 'in-process' }
  /** From outside: it must carry the token with this SHA-256. */
  | { kind: 'http'; tokenHash: Buffer };

export interface AppEnv {
  Bindings: { entrance?: Entrance };
  Variables: {
    /** The domain's context for the caller. */
    context: Context;
    /** The same with the lake, which opens when a verb first asks for it. */
    hunt: HuntContext;
    actor: string;
  };
}

/** What routes work with. */
export interface Services {
  ports: ApiPorts;
  jobs: Jobs;
}

/** A router whose requests are checked against their schemas; what does not fit is bad_input by field. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success)
        throw badInput(describeTarget(result.target), result.error.issues.flatMap(faultsOf));
    },
  });
}

const describeTarget = (target: string): string =>
  target === 'json' ? "the request's body" : `the request's ${target}`;

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const field = issue.path.map(String).join('.') || undefined;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...issue.path.map(String), key].join('.'),
      expected: 'no such field',
    }));
  if (issue.code === 'invalid_type') {
    const got = /received (.+)$/.exec(issue.message)?.[1];
    return [{ field, expected: issue.expected, got: got === 'undefined' ? 'nothing' : got }];
  }
  if (issue.code === 'invalid_value')
    return [{ field, expected: `one of ${issue.values.map(String).join(', ')}` }];
  return [{ field, expected: issue.message }];
}

/** The only success that a route has: JSON of this schema. */
export function gives<S extends z.ZodType>(schema: S, description: string) {
  return { 200: { description, content: { 'application/json': { schema } } } } as const;
}

/** A JSON body of this schema. */
export function takes<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

export type { RouteConfig };
export { createRoute };
