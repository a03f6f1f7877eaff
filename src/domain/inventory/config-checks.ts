/**
 * What no field of firebreak.yaml can tell by itself: names are unique and what is referred to is declared.
 * Runs where fields are at fault too, so that one check names every fault; hence it trusts no type.
 */
import type { z } from 'zod';

type Fields = Record<string, unknown>;
type Place = (string | number)[];
type Report = (path: Place, message: string) => void;

/** Adds an issue for each duplicate and for each name that is not declared. */
export function checkAcross(config: unknown, context: z.RefinementCtx): void {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  const declared = {
    environment: namesOf(config, 'environments', 'name', report),
    owner: namesOf(config, 'owners', 'name', report),
    supplier: namesOf(config, 'suppliers', 'id', report),
  };
  namesOf(config, 'systems', 'name', report);
  for (const [index, system] of listOf(config, 'systems').entries()) {
    checkDeclared(system, ['systems', index], declared, report);
    checkHandOff(system, ['systems', index], config, report);
  }
  const imports = isFields(config) && isFields(config.imports) ? config.imports : {};
  for (const [name, mapping] of Object.entries(imports)) {
    const defaults = isFields(mapping) && isFields(mapping.defaults) ? mapping.defaults : {};
    checkDeclared(defaults, ['imports', name, 'defaults'], declared, report);
  }
}

/** The names that a list declares; reports those that stand there twice. */
function namesOf(config: unknown, list: string, key: string, report: Report): string[] {
  const names: string[] = [];
  for (const [index, entry] of listOf(config, list).entries()) {
    const name = entry[key];
    if (typeof name !== 'string') continue;
    const first = names.indexOf(name);
    if (first >= 0) report([list, index, key], `a name of its own; ${list}[${first}] is ${name} already`);
    names[index] = name;
  }
  return names;
}

function checkDeclared(
  entry: Fields,
  path: Place,
  declared: { environment: string[]; owner: string[]; supplier: string[] },
  report: Report,
): void {
  const check = (name: unknown, names: string[], place: Place, list: string) => {
    if (typeof name === 'string' && !names.includes(name))
      report(
        [...path, ...place],
        `one of the ${list} (${names.filter(Boolean).join(', ') || 'none is declared'})`,
      );
  };
  check(entry.environment, declared.environment, ['environment'], 'environments');
  check(entry.owner, declared.owner, ['owner'], 'owners');
  const suppliers = Array.isArray(entry.suppliers) ? entry.suppliers : [];
  for (const [index, supplier] of suppliers.entries())
    check(supplier, declared.supplier, ['suppliers', index], 'suppliers');
}

/** A hand-off file is sealed to its owner, so there must be one who can open it. */
function checkHandOff(system: Fields, path: Place, config: unknown, report: Report): void {
  if (!isFields(system.delivery) || system.delivery.kind !== 'hand-off') return;
  if (system.owner === undefined)
    report([...path, 'delivery'], 'an owner of the system, to hand the replacement to');
  const owner = listOf(config, 'owners').find(({ name }) => name === system.owner);
  if (owner && !(Array.isArray(owner.recipients) && owner.recipients.length > 0))
    report(
      [...path, 'delivery'],
      `an age recipient of owner ${String(owner.name)}, to seal the replacement to`,
    );
}

/** The objects of a list; anything else in it is somebody else's fault and an empty object here. */
function listOf(parent: unknown, field: string): Fields[] {
  const list = isFields(parent) ? parent[field] : undefined;
  return Array.isArray(list) ? list.map((entry) => (isFields(entry) ? entry : {})) : [];
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
