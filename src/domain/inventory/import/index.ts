/** Readers of credential lists and scanner reports. See README.md. */
export { ImportMapping } from './mapping.ts';
export { readImport } from './read-import.ts';
export { detectFormat } from './recognise.ts';
export { JsonSplitter } from './split-json.ts';
export { LineSplitter } from './split-lines.ts';
export { type ImportEvent, type ImportFormat, type ImportRecord, importFormats } from './types.ts';
