/**
 * Says which credential an imported record speaks of: the one that it names, the one that has its secret, or
 * a new one that is called after its secret's fingerprint or its place.
 */
import pMap from 'p-map';
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { readSecret } from '../../kernel/reference.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { Db } from '../../store/index.ts';
import type { Context } from '../context.ts';
import type { SystemConfig } from './config.ts';
import type { ImportRecord } from './import/index.ts';
import { findByFingerprint } from './store.ts';
import { fillName, type Systems } from './systems.ts';
import { credentialRef, type Statement } from './types.ts';

export interface Identified {
  statement: Statement;
  ref: string;
  /** To be sealed at its ref. */
  secret: Secret | undefined;
  /** The inventory had a credential with this secret before. */
  isKnown: boolean;
}

/** Files read side by side when references are fingerprinted. */
const readConcurrency = 32;
const markChars = 10;

export async function identifyRecords(
  context: Context,
  systems: Systems,
  db: Db,
  records: ImportRecord[],
): Promise<Identified[]> {
  const fingerprints = records.flatMap((record) =>
    readingsOf(record).map((one) => context.fingerprinter.of(one)),
  );
  const known = await findByFingerprint(db, fingerprints);
  return pMap(records, (record) => identify(context, systems, known, record), {
    concurrency: readConcurrency,
  });
}

const readingsOf = ({ secret, secretAlternatives = [] }: ImportRecord): Secret[] =>
  secret ? [secret, ...secretAlternatives] : secretAlternatives;

async function identify(
  context: Context,
  systems: Systems,
  known: Map<string, { ref: string }>,
  record: ImportRecord,
): Promise<Identified> {
  const owned = readingsOf(record).find((secret) => known.has(context.fingerprinter.of(secret)));
  const secret = owned ?? record.secret;
  const found = owned && known.get(context.fingerprinter.of(owned));
  const named =
    record.name === undefined && found ? partsOf(found.ref) : nameOf(context, systems, record, secret);
  const configured = systems.config.systems.find((system) => system.name === named.system);
  const completed = complete(systems, configured, named, record);
  const readable =
    secret ?? (completed.secretRef && (await readSecret(completed.secretRef).catch(() => undefined)));
  const fingerprint = readable && context.fingerprinter.of(readable);
  const statement = { ...completed, fingerprint };
  return { statement, ref: credentialRef(statement), secret, isKnown: found !== undefined };
}

interface Named {
  system: string;
  kind: string;
  name: string;
}

/** Systems and kinds have no slash in them; names may. */
function partsOf(ref: string): Named {
  const [system = '', kind = '', ...name] = ref.split('/');
  return { system, kind, name: name.join('/') };
}

function nameOf(context: Context, systems: Systems, record: ImportRecord, secret: Secret | undefined): Named {
  const system = systemOf(systems, record.system);
  const kind = record.kind ?? kindOf(systems, system, record.class) ?? record.class ?? 'unknown';
  if (record.name !== undefined) return { system, kind, name: record.name };
  const mark = secret
    ? context.fingerprinter.of(secret).slice('hs256:'.length)
    : sha256Hex(`${record.attributes?.repository ?? ''}\0${record.place ?? ''}`);
  return { system, kind, name: `${kind}-${mark.slice(0, markChars)}` };
}

/** A record may give a system by its name in firebreak.yaml or by one of its hosts. */
function systemOf(systems: Systems, given: string | undefined): string {
  if (given === undefined) return 'unknown';
  const host = given.toLowerCase();
  const found = systems.config.systems.find(
    ({ name, hosts }) => name === given || hosts.some((known) => known.toLowerCase() === host),
  );
  return found?.name ?? given;
}

/** The kind that the system's connector has for this class, when it has just one. */
function kindOf(systems: Systems, system: string, credentialClass: string | undefined): string | undefined {
  if (!systems.config.systems.some(({ name }) => name === system)) return undefined;
  const kinds = Object.entries(systems.connector(system).kinds);
  const fitting = kinds.filter(([, kind]) => credentialClass === undefined || kind.class === credentialClass);
  return fitting.length === 1 ? fitting[0]?.[0] : undefined;
}

/** What the record says comes first; firebreak.yaml fills what it leaves open. */
function complete(
  systems: Systems,
  configured: SystemConfig | undefined,
  named: Named,
  record: ImportRecord,
): Statement {
  const { secret: _, secretAlternatives: __, place, attributes, ...said } = record;
  const suppliers = [...new Set([...(said.suppliers ?? []), ...(configured?.suppliers ?? [])])];
  return {
    ...said,
    ...named,
    class: said.class ?? systems.kind(named.system, named.kind)?.class,
    environment: said.environment ?? configured?.environment,
    owner: said.owner ?? configured?.owner,
    suppliers,
    secretRef: said.secretRef ?? filled(configured?.oldSecret, named.name),
    delivery: said.delivery ?? filled(configured?.delivery, named.name),
    attributes: { ...attributes, ...(place !== undefined && { place }) },
  };
}

/** A name that can't stand in a path leaves the credential without one; the plan then says that it has nowhere to go. */
function filled<T extends Parameters<typeof fillName>[0]>(
  template: T | undefined,
  name: string,
): T | undefined {
  try {
    return template && fillName(template, name);
  } catch (error) {
    if (error instanceof FirebreakError && error.code === 'bad_input') return undefined;
    throw error;
  }
}
