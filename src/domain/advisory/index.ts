/** Advisories: suppliers' breaches as machine-readable files. See README.md for the format. */
export { type CatalogueEntry, findAdvisory, listCatalogue } from './catalogue.ts';
export { importAdvisory } from './import-advisory.ts';
export type { Indicator, IndicatorType } from './indicator.ts';
export { indicatorTypes } from './indicator.ts';
export { advisoryJsonSchema } from './json-schema.ts';
export { firstOf, lastOf } from './moment.ts';
export { checkAdvisory, loadShipped, readAdvisory } from './read-advisory.ts';
export { exposesClass, exposuresOf, type Span, supplierIds, windowOf } from './scope.ts';
export { digestOf, getAdvisory, listAdvisories, type StoredAdvisory, saveAdvisory } from './store.ts';
export { type Action, Advisory, type Exposed, type Reference, type Supplier, type Window } from './types.ts';
export type { Confidence, Provenance } from './vocabulary.ts';
