/** The files of the estate: environment files, the asset list, firebreak.yaml, the uploaded support cases. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../kernel/random.ts';
import { type Leak, makeHar } from './har.ts';
import { type Account, keyOf } from './names.ts';

export interface Placed {
  system: string;
  kind: string;
  account: Account;
  /** Its owner fetches the replacement from a sealed hand-off file instead of the environment file. */
  handOff?: boolean;
}

export const envFile = (folder: string, account: Account): string =>
  join(folder, 'apps', `${account.app}.env`);

/** One environment file an application, with the secrets of its accounts. */
export async function writeEnvFiles(folder: string, placed: Placed[]): Promise<void> {
  await mkdir(join(folder, 'apps'), { recursive: true, mode: 0o700 });
  const byFile = new Map<string, string[]>();
  for (const { account } of placed) {
    const file = envFile(folder, account);
    const lines = byFile.get(file) ?? [`# Secrets of ${account.app}`];
    lines.push(`${keyOf(account.name)}=${account.password.reveal()}`);
    byFile.set(file, lines);
  }
  for (const [file, lines] of byFile) await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** What the company's asset list knows: who owns a credential, where it is kept, who says that nobody uses it. */
export async function writeAssetList(folder: string, placed: Placed[]): Promise<string> {
  const file = join(folder, 'credentials.csv');
  const header = 'system,kind,name,environment,owner,secretRef,delivery,claimedUnusedBy';
  const rows = placed.map(({ system, kind, account, handOff }) => {
    const place = `${envFile(folder, account)}#${keyOf(account.name)}`;
    const delivery = handOff ? 'hand-off' : `env-file:${place}`;
    return [
      system,
      kind,
      account.name,
      'production',
      account.owner,
      `file:${place}`,
      delivery,
      account.claimedUnusedBy ?? '',
    ].join(',');
  });
  // Made for this response, after the breach: not part of what was exposed.
  const administrators = ['firebreak_admin', 'postgres'].map(
    (name) => `core-db,password,${name},response,,,,`,
  );
  const others = ['cache,password,firebreak_admin,response,,,,', 'portal,token,firebreak-admin,response,,,,'];
  await writeFile(file, `${[header, ...rows, ...administrators, ...others].join('\n')}\n`);
  return file;
}

/** Support cases with browser recordings attached; the leaks are spread over them. */
export async function writeSupportCases(folder: string, random: Random, leaks: Leak[]): Promise<string> {
  const cases = join(folder, 'support-cases');
  await mkdir(cases, { recursive: true });
  const files = 8;
  for (let index = 0; index < files; index++) {
    const name = `case-${String(5_1200 + index * 37)}`;
    const startedAt = new Date(Date.UTC(2023, 8, 29 + index * 2, 9, 12 + index));
    const mine = leaks.filter((_, at) => at % files === index);
    await writeFile(
      join(cases, `${name}.har`),
      makeHar(random, { case: name, startedAt, entries: 60 + random.below(60), leaks: mine }),
    );
  }
  return cases;
}
