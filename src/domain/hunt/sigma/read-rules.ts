/** Rules from files and texts: checked by schema, filters added, references followed. Nothing is dropped silently. */
import type { z } from 'zod';
import { FirebreakError } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import { checkReferences, readCorrelation } from './correlation-rule.ts';
import { readDetection } from './detection.ts';
import { cutDocuments, findRuleFiles, type RuleDocument, type RuleText, readRuleFiles } from './documents.ts';
import { addFilters, type Filter } from './filters.ts';
import { CorrelationDocument, DetectionDocument, FilterDocument } from './schema.ts';
import {
  type DetectionRule,
  type Placeholders,
  type Problem,
  type Rule,
  type RuleSet,
  Unusable,
} from './types.ts';

/** Reads files, and folders with everything in them. Throws bad_input for a path that is none. */
export async function readRules(paths: readonly string[], placeholders: Placeholders): Promise<RuleSet> {
  const { texts, problems } = await readRuleFiles(await findRuleFiles(paths));
  const read = readRuleTexts(texts, placeholders);
  return { rules: read.rules, problems: [...problems, ...read.problems] };
}

/** The same from texts. */
export function readRuleTexts(texts: readonly RuleText[], placeholders: Placeholders = {}): RuleSet {
  const problems: Problem[] = [];
  const filters: Filter[] = [];
  const rules: Rule[] = [];
  for (const text of texts) {
    const cut = cutDocuments(text);
    problems.push(...cut.problems);
    for (const document of cut.documents)
      try {
        const read = readDocument(document, placeholders);
        if ('selection' in read) filters.push(read);
        else rules.push(read);
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        problems.push(problemOf(document, error));
      }
    if (rules.length + problems.length > limits.sigmaRulesMax)
      throw new FirebreakError('limit_exceeded', `at most ${limits.sigmaRulesMax} rules are taken at once`);
  }
  const distinct = keepDistinct(rules, problems);
  const filtered = addFilters(distinct, filters, problems);
  return { rules: checkReferences(filtered, problems), problems };
}

function problemOf(document: RuleDocument, error: Unusable): Problem {
  const head = (document.value ?? {}) as { id?: unknown; title?: unknown };
  const field = error.path.length > 0 ? `${error.path.join('.')}: ` : '';
  return {
    rule: printable(String(head.id ?? '')),
    title: printable(String(head.title ?? '')),
    file: document.file,
    line: document.lineOf(error.path),
    reason: printable(`${field}${error.message}`, 500),
  };
}

function readDocument(document: RuleDocument, placeholders: Placeholders): Rule | Filter {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unusable('a rule is a map with title and detection, correlation or filter');
  if ('action' in value)
    throw new Unusable('action is of the old format of collections: write the rules out', ['action']);
  if ('correlation' in value) {
    const read = check(CorrelationDocument, value);
    return readCorrelation(headOf(read, document), read);
  }
  if ('filter' in value) {
    const read = check(FilterDocument, value);
    const { rules, ...detection } = read.filter;
    return {
      ...headOf(read, document),
      logsource: read.logsource ?? {},
      rules,
      selection: readDetection(detection, ['filter'], placeholders),
    };
  }
  const read = check(DetectionDocument, value);
  refuseStatus(read.status);
  const { category, product, service } = read.logsource;
  const expr = readDetection(read.detection, ['detection'], placeholders);
  const rule: DetectionRule = {
    kind: 'detection',
    ...headOf(read, document),
    logsource: { category, product, service },
    expr,
  };
  return rule;
}

function refuseStatus(status: string | undefined): void {
  if (status === 'unsupported')
    throw new Unusable('its status is unsupported: its author says that it can not be used as it is', [
      'status',
    ]);
}

function check<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).filter((part) => typeof part !== 'symbol');
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : '';
  throw new Unusable(extra === '' ? `expected ${describe(issue)}` : `no such field: ${extra}`, path);
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type')
    return `${issue.expected}, ${issue.message.replace(/^.*received/, 'got')}`;
  if (issue?.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue?.code === 'invalid_union') return 'a text or a list of texts';
  return issue?.message ?? 'something else';
}

const technique = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;

function headOf(read: z.infer<typeof DetectionDocument> | FilterHead, document: RuleDocument) {
  const tags = read.tags ?? [];
  return {
    id: printable(read.id ?? read.name ?? read.title, 256),
    name: read.name,
    title: printable(read.title, 256),
    level: read.level ?? ('medium' as const),
    techniques: tags.flatMap((tag) => technique.exec(tag)?.[1]?.toUpperCase() ?? []),
    tags,
    place: { file: document.file, line: document.lineOf([]) },
  };
}
type FilterHead = Pick<DetectionDocument, 'id' | 'name' | 'title' | 'level' | 'tags'>;

/** Of two rules with one id or one name, the second can't be told from the first. */
function keepDistinct(rules: readonly Rule[], problems: Problem[]): Rule[] {
  const seen = new Map<string, Rule>();
  return rules.filter((rule) => {
    const names = new Set([rule.id, ...(rule.name === undefined ? [] : [rule.name])]);
    const other = [...names].map((name) => seen.get(name)).find((one) => one !== undefined);
    if (other !== undefined) {
      const reason = `${other.place.file}:${other.place.line} has the same id or name`;
      problems.push({ rule: rule.id, title: rule.title, ...rule.place, reason });
      return false;
    }
    for (const name of names) seen.set(name, rule);
    return true;
  });
}
