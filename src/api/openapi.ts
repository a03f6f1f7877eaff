/** The OpenAPI document: what the routes declare, and the errors and the token that all of them share. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { ErrorBody } from './contract/errors.ts';
import type { AppEnv } from './router.ts';

const errorAnswer = {
  description: 'What went wrong, with the faults of a bad input by field',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** OpenAPI 3.1. */
export function describeApi(app: Pick<OpenAPIHono<AppEnv>, 'getOpenAPI31Document'>, version: string): object {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Firebreak', version, license: { name: 'Apache-2.0' } },
    security: [{ token: [] }],
  });
  const { $schema: _, id: __, ...errorSchema } = z.toJSONSchema(ErrorBody);
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [path, withErrors(item)]);
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: {
      ...document.components,
      schemas: { ...document.components?.schemas, Error: errorSchema },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function withErrors(item: object): object {
  const operations = Object.entries(item).map(([method, operation]) => [
    method,
    { ...operation, responses: { ...operation.responses, default: errorAnswer } },
  ]);
  return Object.fromEntries(operations);
}
