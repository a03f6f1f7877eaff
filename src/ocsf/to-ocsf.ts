/** A flat event of the lake as an OCSF 1.8 event (schema.ocsf.io/1.8.0), for export and for checking a mapping. */
import { asked, lacking, resourceAttribute } from './class-attributes.ts';

/** Where each column stands: `actor.user.name`, or `resources[0].uid` in the first of a list. */
type OcsfPaths = Readonly<Record<string, { type: string; ocsf?: string }>>;

type Node = { [key: string]: unknown };

/** What every event of an export says of its maker. */
const product = { name: 'Firebreak', vendor_name: 'Firebreak' };

/**
 * Nests the columns that have a value; empty text, 0, null and empty lists are absent. `time` and
 * `logged_time` are given in milliseconds since 1970, as OCSF has them. What the class has no place for stands
 * under `unmapped`; what it asks for and the log does not say is there as unknown, as OCSF advises.
 */
export function toOcsf(row: Readonly<Record<string, unknown>>, columns: OcsfPaths): Node {
  const event: Node = { metadata: { version: '1.8.0', product } };
  const classUid = Number(row.class_uid);
  const activityId = Number(row.activity_id ?? 0);
  for (const [name, { ocsf }] of Object.entries(columns)) {
    const value = row[name];
    if (ocsf !== undefined && hasValue(value)) place(event, pathInClass(ocsf, classUid, row), value);
  }
  complete(event, classUid);
  if (classUid === 3002) nameService(event, row);
  return {
    ...event,
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1000),
    activity_id: activityId,
    type_uid: classUid * 100 + activityId,
    severity_id: Number(row.severity_id ?? 0),
  };
}

function hasValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== '0';
}

/** Where a path of the columns stands in an event of this class. */
function pathInClass(path: string, classUid: number, row: Readonly<Record<string, unknown>>): string {
  const [root = path, ...rest] = path.split('.');
  if (!lacking[classUid]?.includes(root.replace('[0]', ''))) return path;
  if (root !== 'resources[0]') return `unmapped.${path}`;
  const own = classUid === 6005 ? datastore(row.resource_type) : resourceAttribute[classUid];
  if (own === undefined) return `unmapped.resource.${rest.join('.')}`;
  // A table and an app have no type: that they are one says it all.
  if ((own === 'table' || own === 'app') && rest[0] === 'type') return 'unmapped.resource.type';
  return [own, ...rest].join('.');
}

function datastore(type: unknown): string {
  const word = String(type).toLowerCase();
  if (word === 'table') return 'table';
  return word.includes('bucket') ? 'databucket' : 'database';
}

/** Adds what OCSF requires of the objects that are there, and who and where from where the class requires it. */
function complete(event: Node, classUid: number): void {
  const missing = (asked[classUid] ?? []).filter((name) => !(name in event));
  for (const name of missing)
    event[name] = name === 'actor' ? { invoked_by: 'Unknown' } : { name: 'Unknown' };
  for (const name of ['device', 'database', 'databucket']) withDefaults(event, name, { type_id: 0 });
  withDefaults(event, 'cloud', { provider: 'Unknown' });
  for (const node of named(event)) if (!('name' in node) && !('uid' in node)) node.name = 'Unknown';
  nameFile(event);
  nameFile((event.process ?? {}) as Node);
}

/** The objects that OCSF wants named, of which a log may say no more than the type. */
function named(event: Node): Node[] {
  const { user, group, entity, resource, app } = event;
  const lists = [event.resources, event.web_resources] as (Node[] | undefined)[];
  const actor = (event.actor as Node | undefined)?.user;
  return [actor, user, group, entity, resource, app, ...lists.flat()].filter(
    (node): node is Node => node !== undefined,
  );
}

/** A sign-in is one to something: without a host, to the service that wrote it down. */
function nameService(event: Node, row: Readonly<Record<string, unknown>>): void {
  if (event.dst_endpoint === undefined && event.service === undefined)
    event.service = { name: row.api_service || row.host || 'Unknown' };
}

function withDefaults(event: Node, name: string, defaults: Node): void {
  const node = event[name];
  if (node !== undefined) event[name] = { ...defaults, ...(node as Node) };
}

/** OCSF asks for the name of a file and for its kind, of which a path says only the first. */
function nameFile(owner: Node): void {
  const file = owner.file as Node | undefined;
  if (file === undefined) return;
  const path = String(file.path ?? '');
  owner.file = { name: path.split(/[/\\]/).pop() || path, type_id: 0, ...file };
}

function place(event: Node, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() ?? path;
  let node = event;
  for (const step of steps) node = child(node, step);
  node[last] = value;
}

function child(node: Node, step: string): Node {
  const list = step.endsWith('[0]');
  const key = list ? step.slice(0, -'[0]'.length) : step;
  node[key] ??= list ? [{}] : {};
  return (list ? (node[key] as Node[])[0] : node[key]) as Node;
}
