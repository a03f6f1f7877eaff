/** One line of a search, `field|modifier|modifier: value`, as a test of an event. */
import { rangeOf } from '../indicators/addresses.ts';
import { encode, expandValue, isEncoding, loosenDashes, readPattern, valueText, widen } from './patterns.ts';
import {
  type Comparison,
  type DatePart,
  dateParts,
  type Expr,
  type How,
  type Match,
  type Pattern,
  type Placeholders,
  Unusable,
} from './types.ts';

const positions = ['contains', 'startswith', 'endswith'] as const;
const comparisons = ['gt', 'gte', 'lt', 'lte'] as const;
const tests = ['re', 'cidr', 'exists', 'fieldref'] as const;
const others = ['all', 'cased', 'neq', 'windash', 'expand', 'i', 'm', 's'] as const;

type Position = (typeof positions)[number];

/** What the modifiers of a line ask for, in no order but that of the encodings. */
interface Plan {
  field: string | null;
  all: boolean;
  cased: boolean;
  neq: boolean;
  windash: boolean;
  expand: boolean;
  flags: string;
  position: Position | undefined;
  comparison: Comparison | undefined;
  part: DatePart | undefined;
  test: (typeof tests)[number] | undefined;
  encodings: string[];
}

/** Reads `key: value`. Throws Unusable with what is wrong. */
export function readLine(key: string, value: unknown, placeholders: Placeholders): Expr {
  const plan = planOf(key);
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new Unusable('a list of values has at least one');
  const matches = values.flatMap((one) => readValue(plan, one, placeholders));
  // A placeholder may stand for nothing, and then nothing matches.
  const joined = plan.all && !plan.neq ? joinAll(matches) : joinAny(matches);
  return plan.neq ? { kind: 'not', item: joined } : joined;
}

const joinAll = (items: Expr[]): Expr => (items.length === 1 && items[0] ? items[0] : { kind: 'and', items });

/** Texts of one field become one test of several patterns, which the engine looks for together. */
function joinAny(items: Expr[]): Expr {
  const joined: Expr[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    if (item.kind === 'text' && last?.kind === 'text')
      joined[joined.length - 1] = { ...last, patterns: [...last.patterns, ...item.patterns] };
    else joined.push(item);
  }
  return joined.length === 1 && joined[0] ? joined[0] : { kind: 'or', items: joined };
}

function planOf(key: string): Plan {
  const [name = '', ...modifiers] = key.split('|');
  const has = (modifier: string) => modifiers.includes(modifier);
  const oneOf = <T extends string>(choices: readonly T[], what: string): T | undefined => {
    const found = choices.filter(has);
    if (found.length > 1) throw new Unusable(`${what}: ${found.join(' and ')} exclude each other`);
    return found[0];
  };
  const known: readonly string[] = [...positions, ...comparisons, ...tests, ...others, ...dateParts];
  const strange = modifiers.find((one) => !known.includes(one) && !isEncoding(one));
  if (strange !== undefined) throw new Unusable(`the specification has no modifier ${strange}`);
  const plan: Plan = {
    field: name === '' ? null : name,
    all: has('all'),
    cased: has('cased'),
    neq: has('neq'),
    windash: has('windash'),
    expand: has('expand'),
    flags: ['i', 'm', 's'].filter(has).join(''),
    position: oneOf(positions, 'where the value stands'),
    comparison: oneOf(comparisons, 'how it compares'),
    part: oneOf(dateParts, 'which part of a time'),
    test: oneOf(tests, 'what is tested'),
    encodings: modifiers.filter(isEncoding),
  };
  checkPlan(plan, modifiers);
  return plan;
}

function checkPlan(plan: Plan, modifiers: readonly string[]): void {
  const { field, test, position, comparison, part, encodings, flags, windash, expand } = plan;
  const refuse = (isWrong: boolean, reason: string): void => {
    if (isWrong) throw new Unusable(reason);
  };
  const isNumber = comparison !== undefined || part !== undefined;
  refuse(
    field === null && (isNumber || (test !== undefined && test !== 're')),
    'a search of whole records has only texts and expressions',
  );
  refuse(flags !== '' && test !== 're', `the modifiers ${[...flags].join(', ')} belong to re`);
  refuse(
    position !== undefined && test !== undefined && test !== 'fieldref',
    `${position} and ${test} exclude each other`,
  );
  refuse(
    isNumber && (test !== undefined || position !== undefined || encodings.length > 0 || windash),
    'a number is only compared',
  );
  refuse(test !== undefined && (encodings.length > 0 || windash), `${test} takes its value as it is`);
  refuse(expand && (test === 'exists' || test === 'fieldref' || isNumber), 'expand is for texts');
  const encodedAt = modifiers.findLastIndex(isEncoding);
  refuse(
    encodedAt >= 0 &&
      modifiers.slice(0, encodedAt).some((one) => one === 'windash' || positions.includes(one as Position)),
    'modifiers are applied in their order: encodings come before contains, startswith, endswith and windash',
  );
}

function readValue(plan: Plan, value: unknown, placeholders: Placeholders): Expr[] {
  const { field } = plan;
  if (plan.test === 'exists') {
    if (typeof value !== 'boolean') throw new Unusable('exists is true or false');
    const exists: Match = { kind: 'exists', field: field ?? '' };
    return [value ? exists : { kind: 'not', item: exists }];
  }
  if (value === null || value === undefined) {
    const isPlain = plan.test === undefined && plan.comparison === undefined && plan.part === undefined;
    if (field === null || !isPlain || plan.position !== undefined || plan.encodings.length > 0)
      throw new Unusable('null has no modifiers but neq, and belongs to a field');
    return [{ kind: 'null', field }];
  }
  if (plan.test === 'fieldref') return [fieldref(plan, valueText(value))];
  if (plan.comparison !== undefined || plan.part !== undefined) return [number(plan, value)];
  const texts = plan.expand ? expandValue(valueText(value), placeholders) : [valueText(value)];
  if (plan.test === 're') return texts.map((text) => regex(plan, text));
  if (plan.test === 'cidr') return texts.map((text) => cidr(field ?? '', text));
  const patterns = texts.flatMap((text) => patternsOf(plan, text));
  // The parts of base64offset are alternatives, also where all values must be there.
  return [{ kind: 'text', field, patterns, cased: plan.cased }];
}

function patternsOf(plan: Plan, text: string): Pattern[] {
  return encode(readPattern(text), plan.encodings).map((pattern) => {
    const positioned = plan.position === undefined ? pattern : widen(pattern, plan.position);
    const loosened = plan.windash ? loosenDashes(positioned) : positioned;
    return plan.field === null ? widen(loosened, 'contains') : loosened;
  });
}

function fieldref(plan: Plan, other: string): Match {
  const how: How = plan.position ?? 'equals';
  return { kind: 'fieldref', field: plan.field ?? '', other, how, cased: plan.cased };
}

function number({ field, comparison = 'eq', part }: Plan, value: unknown): Match {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof read !== 'number' || !Number.isFinite(read))
    throw new Unusable(`a number is expected, not ${JSON.stringify(value)}`);
  return {
    kind: 'number',
    field: field ?? '',
    comparison,
    value: read,
    ...(part === undefined ? {} : { part }),
  };
}

const regex = ({ field, flags }: Plan, text: string): Match => ({ kind: 'regex', field, regex: text, flags });

function cidr(field: string, text: string): Match {
  const range = text.includes('-') ? undefined : rangeOf(text);
  if (!range) throw new Unusable(`a range such as 192.0.2.0/24 is expected, not ${JSON.stringify(text)}`);
  return {
    kind: 'cidr',
    field,
    ranges: [{ first: range.first, last: range.last, isIpv6: text.includes(':') }],
  };
}
