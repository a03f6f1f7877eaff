/** Which sources answer which rules. */
import type { SigmaFields, SigmaView, Source } from '../../../lake/index.ts';
import type { LogSource } from './types.ts';

/** A source's view as the hunt reads it. Views that differ only in where the record stands are one. */
export interface View extends LogSource {
  /** Of the events of the source, those that are meant. */
  where: string | undefined;
  fields: JsonView | Extract<SigmaFields, { kind: 'columns' }>;
}

export interface JsonView {
  kind: 'json';
  aliases: Readonly<Record<string, string>>;
  /** Where the record stands: at the root, or wrapped in another one; each with what tells that it does. */
  records: { where: string | undefined; root: string | undefined }[];
}

export interface Answer {
  source: string;
  view: View;
}

/** What the hunt needs to know of a source. */
export type SigmaSource = Pick<Source, 'id' | 'sigma'>;

const known = new WeakMap<readonly SigmaView[], View[]>();

/** The same list gives the same views, so that rules that share one are told. */
function viewsOf(sigma: readonly SigmaView[]): View[] {
  const before = known.get(sigma);
  if (before) return before;
  const views: View[] = [];
  for (const { category, product, service, where, fields } of sigma) {
    const head = { category, product, service };
    if (fields.kind === 'columns') {
      views.push({ ...head, where, fields });
      continue;
    }
    const record = { where, root: fields.root };
    const like = views.find((view) => isLike(view, head, fields.aliases));
    if (like?.fields.kind === 'json') like.fields.records.push(record);
    else views.push({ ...head, where, fields: { kind: 'json', aliases: fields.aliases, records: [record] } });
  }
  for (const view of views)
    if (view.fields.kind === 'json' && view.fields.records.length > 1)
      view.where = anyOf(view.fields.records);
  known.set(sigma, views);
  return views;
}

const isLike = (view: View, head: LogSource, aliases: Readonly<Record<string, string>>): boolean =>
  view.fields.kind === 'json' &&
  parts.every((part) => view[part] === head[part]) &&
  JSON.stringify(view.fields.aliases) === JSON.stringify(aliases);

function anyOf(records: JsonView['records']): string | undefined {
  const all = records.flatMap(({ where }) => (where === undefined ? [] : [`(${where})`]));
  return all.length < records.length ? undefined : all.join(' OR ');
}

const parts = ['category', 'product', 'service'] as const;

/** The views whose events the rule is for: all that it says of its log source holds for them. */
export function answersOf(logsource: LogSource, sources: readonly SigmaSource[]): Answer[] {
  return sources.flatMap(({ id, sigma }) =>
    viewsOf(sigma)
      .filter((view) => isFor(logsource, view))
      .map((view) => ({ source: id, view })),
  );
}

/** `application` says only that a product's own log is meant; the product says which. */
function isFor(logsource: LogSource, view: View): boolean {
  return parts.every((part) => {
    const wanted = logsource[part]?.toLowerCase();
    if (wanted === undefined || wanted === view[part]?.toLowerCase()) return true;
    return part === 'category' && wanted === 'application' && logsource.product !== undefined;
  });
}

/** `product aws, service cloudtrail` */
export const describeLogSource = (logsource: LogSource): string =>
  parts.flatMap((part) => (logsource[part] === undefined ? [] : [`${part} ${logsource[part]}`])).join(', ');
