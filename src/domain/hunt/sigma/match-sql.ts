/** Expressions of rules as conditions of the engine. Every one is 0 or 1, never NULL: `not` must turn it around. */
import type { FieldSql, Fields, Several } from './fields.ts';
import { joinBits, likeText, quote, quoteLower, regexText } from './sql-text.ts';
import type { DatePart, Expr, Match, Pattern } from './types.ts';
import { separator } from './value-lists.ts';

/**
 * Whether the condition is for events in which every field has one value at most, or for all. The first costs
 * less, and nearly all events are of this kind.
 */
export type Mode = 'single' | 'several';

/** Every field of the expression must be one that the source has: see `simplify`. */
export function conditionOf(expr: Expr, fields: Fields, mode: Mode): string {
  switch (expr.kind) {
    case 'always':
      return expr.value ? '1' : '0';
    case 'not':
      return `NOT ${conditionOf(expr.item, fields, mode)}`;
    case 'or':
    case 'and': {
      const word = expr.kind === 'and' ? 'AND' : 'OR';
      const terms = (items: readonly Expr[]) =>
        joinBits(
          items.map((item) => conditionOf(item, fields, mode)),
          word,
        );
      const [cheap, dear] = [false, true].map((is) =>
        expr.items.filter((one) => costOf(one) >= dearMin === is),
      );
      // Among several values nothing is put off: the engine would take seconds to plan what to put off.
      if (mode === 'several' || !cheap?.length || !dear?.length) return terms(expr.items);
      return word === 'AND'
        ? `if(${terms(cheap)}, ${terms(dear)}, 0)`
        : `if(${terms(cheap)}, 1, ${terms(dear)})`;
    }
    default:
      return matchOf(expr, fields, mode);
  }
}

/** What costs as much is decided only where it still matters. */
const dearMin = 6;

function costOf(expr: Expr): number {
  switch (expr.kind) {
    case 'text':
      return expr.field === null ? 8 : expr.patterns.every(({ length }) => length === 1) ? 0 : 1;
    case 'and':
    case 'or':
      return Math.max(1, ...expr.items.map(costOf));
    case 'not':
      return costOf(expr.item) + 1;
    case 'regex':
    case 'exists':
      return 6;
    default:
      return 2;
  }
}

/** Whether a text in lower case matches one of the patterns. */
export const anyPattern =
  (patterns: readonly Pattern[]) =>
  (lower: string): string =>
    textTest(patterns, false).of(lower);

/** A test of one text. `onEmpty`: it may hold for the empty text, which an absent field has too. */
interface Test {
  cased: boolean;
  onEmpty: boolean;
  of(text: string): string;
}

function matchOf(match: Match, fields: Fields, mode: Mode): string {
  if (match.kind === 'fieldref') return compareFields(match, fields, mode);
  if ((match.kind === 'text' || match.kind === 'regex') && match.field === null) {
    const test = testOf(match);
    const record = fields.record();
    return test.of(test.cased ? record.text() : record.lower());
  }
  const field = fields.get(match.field ?? '');
  if (!field) return match.kind === 'null' ? '1' : '0';
  const several = mode === 'several' ? field.several : undefined;
  if (match.kind === 'exists') return several ? several.exists() : field.exists();
  if (match.kind === 'null') return several ? `empty(${several.texts()})` : field.missing();
  const test = testOf(match);
  if (several) return amongValues(match, test, several);
  const text = test.of(test.cased ? field.text() : field.lower());
  return test.onEmpty ? `bitAnd(NOT ${field.missing()}, ${text})` : text;
}

type Tested = Exclude<Match, { kind: 'null' | 'exists' | 'fieldref' }>;

/** Whether the test holds for any of the values. */
function amongValues(match: Tested, test: Test, several: Several): string {
  const list = () => `arrayExists(v -> ${test.of('v')}, ${test.cased ? several.texts() : several.lowers()})`;
  if (match.kind !== 'text') return list();
  const texts = match.patterns.flatMap((pattern) => joinedText(pattern) ?? []);
  if (texts.length < match.patterns.length) return list();
  const joined = match.cased ? several.joined() : several.joinedLower();
  const literals = [...new Set(texts.map(match.cased ? quote : quoteLower))];
  return joinBits(
    containsTests(literals).map((one) => one(joined)),
    'OR',
  );
}

/** What stands in the joined values if and only if one of them matches; undefined when no one text tells. */
function joinedText(pattern: Pattern): string | undefined {
  const shape = shapeOf(pattern);
  const text = plainText(pattern).replaceAll(separator, '\ufffd');
  if (shape === 'like' || shape === 'regex') return undefined;
  const starts = shape === 'equals' || shape === 'starts' || shape === 'present' ? separator : '';
  const ends = shape === 'equals' || shape === 'ends' ? separator : '';
  return `${starts}${text}${ends}`;
}

function testOf(match: Tested): Test {
  switch (match.kind) {
    case 'text':
      return textTest(match.patterns, match.cased);
    case 'regex':
      return { cased: true, onEmpty: true, of: (text) => `match(${text}, ${quote(engineRegex(match))})` };
    case 'cidr': {
      // To the engine an IPv4 address is one of IPv6 too; to a rule it is not.
      const within = (text: string) =>
        match.ranges.map(({ first, last, isIpv6 }) => {
          const inside = `ifNull(toIPv6OrNull(${text}) BETWEEN toIPv6(${quote(first)}) AND toIPv6(${quote(last)}), 0)`;
          return isIpv6 ? `bitAnd(position(${text}, ':') > 0, ${inside})` : inside;
        });
      return { cased: true, onEmpty: false, of: (text) => joinBits(within(text), 'OR') };
    }
    case 'number': {
      const sign = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=' }[match.comparison];
      const read = (text: string) => (match.part ? partOf(match.part, text) : `toFloat64OrNull(${text})`);
      return {
        cased: true,
        onEmpty: false,
        of: (text) => `ifNull(${read(text)} ${sign} ${match.value}, 0)`,
      };
    }
  }
}

/**
 * The expression as the engine takes it: a dot is no line break unless `s` says so; elsewhere the engine's own
 * default is that it is.
 */
export function engineRegex({ regex, flags }: { regex: string; flags: string }): string {
  const on = flags.includes('s') ? flags : `${flags}-s`;
  return `(?${on})${regex}`;
}

const partFunctions: Readonly<Record<DatePart, string>> = {
  minute: 'toMinute',
  hour: 'toHour',
  day: 'toDayOfMonth',
  week: 'toISOWeek',
  month: 'toMonth',
  year: 'toYear',
};

/** Of a time as it is written: its zone is left off, as the specification converts none. */
const partOf = (part: DatePart, text: string): string =>
  `${partFunctions[part]}(parseDateTime64BestEffortOrNull(replaceRegexpOne(${text}, '\\\\s*([Zz]|(:[0-9]{2}[.0-9]*)([+-][0-9]{2}:?([0-9]{2})?))$', '\\\\2'), 3, 'UTC'))`;

type Shape = 'equals' | 'starts' | 'ends' | 'contains' | 'present' | 'like' | 'regex';

function shapeOf(pattern: Pattern): Shape {
  if (pattern.some(({ kind }) => kind === 'dash')) return 'regex';
  const kinds = pattern.map(({ kind }) => kind).join(' ');
  const shapes: Readonly<Record<string, Shape>> = {
    '': 'equals',
    text: 'equals',
    'text any': 'starts',
    'any text': 'ends',
    'any text any': 'contains',
    any: 'present',
  };
  return shapes[kinds] ?? 'like';
}

const plainText = (pattern: Pattern): string =>
  pattern.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');

/** The engine looks for so many texts at once. */
const textsPerSearch = 255;

function textTest(patterns: readonly Pattern[], cased: boolean): Test {
  const literal = cased ? quote : quoteLower;
  const byShape = new Map<Shape, Pattern[]>();
  for (const pattern of patterns)
    byShape.set(shapeOf(pattern), [...(byShape.get(shapeOf(pattern)) ?? []), pattern]);
  const literals = (shape: Shape): string[] => [
    ...new Set((byShape.get(shape) ?? []).map((pattern) => literal(plainText(pattern)))),
  ];
  const [equals, contains] = [literals('equals'), literals('contains')];
  const tests: ((text: string) => string)[] = [
    ...(equals.length === 1 ? [(text: string) => `${text} = ${equals[0]}`] : []),
    ...(equals.length > 1 ? [(text: string) => `${text} IN (${equals.join(', ')})`] : []),
    ...literals('starts').map((one) => (text: string) => `startsWith(${text}, ${one})`),
    ...literals('ends').map((one) => (text: string) => `endsWith(${text}, ${one})`),
    ...containsTests(contains),
    ...(byShape.get('like') ?? []).map(
      (pattern) => (text: string) => `${text} LIKE ${literal(likeOf(pattern))}`,
    ),
    ...(byShape.get('regex') ?? []).map(
      (pattern) => (text: string) => `match(${text}, ${literal(regexOf(pattern))})`,
    ),
    ...(byShape.has('present') ? [() => '1'] : []),
  ];
  const onEmpty = byShape.has('present') || equals.includes(literal(''));
  return {
    cased,
    onEmpty,
    of: (text) =>
      joinBits(
        tests.map((test) => test(text)),
        'OR',
      ),
  };
}

function containsTests(literals: readonly string[]): ((text: string) => string)[] {
  if (literals.length === 1) return [(text) => `position(${text}, ${literals[0]}) > 0`];
  const tests: ((text: string) => string)[] = [];
  for (let from = 0; from < literals.length; from += textsPerSearch) {
    const some = literals.slice(from, from + textsPerSearch).join(', ');
    tests.push((text) => `multiSearchAny(${text}, [${some}])`);
  }
  return tests;
}

const likeOf = (pattern: Pattern): string =>
  pattern
    .map((piece) => (piece.kind === 'text' ? likeText(piece.text) : piece.kind === 'any' ? '%' : '_'))
    .join('');

function regexOf(pattern: Pattern): string {
  const parts = { any: '.*', one: '.', dash: '[-/\u2013\u2014\u2015]' };
  const body = pattern.map((piece) => (piece.kind === 'text' ? regexText(piece.text) : parts[piece.kind]));
  return `(?s)^${body.join('')}$`;
}

function compareFields(match: Extract<Match, { kind: 'fieldref' }>, fields: Fields, mode: Mode): string {
  const [one, other] = [fields.get(match.field), fields.get(match.other)];
  if (!one || !other) return '0';
  const compare = {
    equals: (a: string, b: string) => `${a} = ${b}`,
    contains: (a: string, b: string) => `position(${a}, ${b}) > 0`,
    startswith: (a: string, b: string) => `startsWith(${a}, ${b})`,
    endswith: (a: string, b: string) => `endsWith(${a}, ${b})`,
  }[match.how];
  const text = (field: FieldSql) => (match.cased ? field.text() : field.lower());
  if (mode === 'single' || (!one.several && !other.several))
    return joinBits(
      [`NOT ${one.missing()}`, `NOT ${other.missing()}`, compare(text(one), text(other))],
      'AND',
    );
  const all = ({ several, ...field }: FieldSql): string => {
    if (several) return match.cased ? several.texts() : several.lowers();
    return `if(${field.missing()}, [], [${text(field)}])`;
  };
  return `arrayExists(a -> arrayExists(b -> ${compare('a', 'b')}, ${all(other)}), ${all(one)})`;
}
