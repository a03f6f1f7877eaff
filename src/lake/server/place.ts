/** What FIREBREAK_CLICKHOUSE_URL says. */
import { FirebreakError } from '../../kernel/errors.ts';

export interface ServerPlace {
  url: string;
  /** The cluster whose servers hold the lake together; without it one server holds it. */
  cluster: string | undefined;
}

const expected = 'http://user:password@host:8123/ or https://..., with ?cluster=NAME for a cluster';

/** Throws bad_input, which does not repeat the address: it may hold a password. */
export function readPlace(address: string): ServerPlace {
  const fault = (got: string): FirebreakError =>
    new FirebreakError('bad_input', `FIREBREAK_CLICKHOUSE_URL: expected ${expected}, got ${got}`);
  if (!URL.canParse(address)) throw fault('something that is no address');
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw fault(`an address of ${url.protocol}`);
  if (url.pathname !== '/' && url.pathname !== '') throw fault('a path: the database is always firebreak');
  const others = [...url.searchParams.keys()].filter((name) => name !== 'cluster');
  if (others.length > 0) throw fault(`the parameter ${others.join(', ')}`);
  const cluster = url.searchParams.get('cluster') ?? undefined;
  if (cluster !== undefined && !/^[A-Za-z0-9_.-]{1,128}$/.test(cluster))
    throw fault('a cluster of no such name');
  url.search = '';
  return { url: url.href, cluster };
}
