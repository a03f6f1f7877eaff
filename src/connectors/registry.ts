// Written by `npm run gen` from the folders; a test compares it. Do not edit.
import type { AnyConnector } from './contract.ts';
import { http } from './http/index.ts';
import { postgres } from './postgres/index.ts';
import { redis } from './redis/index.ts';

/** Every connector by its id. */
export const connectors: Readonly<Record<string, AnyConnector>> = {
  http,
  postgres,
  redis,
};
