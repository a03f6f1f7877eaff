/** Remembers where each record of a file stood first, by hash: about 100 bytes a record, and no secret. */
import { createHmac, randomBytes } from 'node:crypto';
import { FirebreakError } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { count } from '../../../kernel/text.ts';
import type { ImportRecord } from './types.ts';

export class FirstLines {
  readonly #lines = new Map<string, number>();
  /** Gone with the process, so the hashes can't be matched to a dictionary. */
  readonly #key = randomBytes(32);

  /** The line on which the same record stood before, or undefined for a new one, which is remembered. */
  earlier(record: ImportRecord, line: number): number | undefined {
    const hash = createHmac('sha256', this.#key)
      .update(identityOf(record))
      .digest()
      .toString('base64url', 0, 15);
    const first = this.#lines.get(hash);
    if (first === undefined) this.#remember(hash, line);
    return first;
  }

  #remember(hash: string, line: number): void {
    if (this.#lines.size >= limits.importRecordsMax)
      throw new FirebreakError(
        'limit_exceeded',
        `more than ${count(limits.importRecordsMax)} records: split the file`,
      );
    this.#lines.set(hash, line);
  }
}

/** A credential is one by its system, kind and name; a finding by its rule, place and secret. */
function identityOf(record: ImportRecord): string {
  const { system, kind, name, place, secret, attributes } = record;
  if (name !== undefined) return JSON.stringify(['name', system, kind, name]);
  return JSON.stringify(['finding', system, kind, place, attributes?.repository, secret?.reveal()]);
}
