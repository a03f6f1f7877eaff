/** The lake's only door: ClickHouse, embedded in a folder or a cluster by its address. */
import { type EmbeddedLake, openEmbeddedLake } from './embedded/lake.ts';
import type { Lake } from './lake.ts';

export type { EmbeddedLake } from './embedded/lake.ts';
export {
  classes,
  type EventColumn,
  type EventColumnName,
  type MappedColumn,
  mappedColumns,
  type OriginColumn,
  originColumns,
} from './events.ts';
export {
  type IngestedFile,
  type IngestInput,
  type IngestProgress,
  type IngestReport,
  ingestLogs,
  type RejectReason,
  type UnreadFile,
} from './ingest/index.ts';
export type { Lake, LakeInput, LakeParameters, ReadBounds, ReadOptions, StatementWatch } from './lake.ts';
export type { Framing, SigmaFields, SigmaView, Source } from './sources/contract.ts';
export {
  classNames,
  type DeclaredMapping,
  declaredColumns,
  timeFormats,
  withDeclared,
} from './sources/declared.ts';
export { parsePath } from './sources/record-path.ts';
export { sources } from './sources/registry.ts';

/** Where the lake is: a folder of this machine, or a ClickHouse server or cluster. */
export type LakePlace = { folder: string } | { url: string };

/** Opens the lake, and makes its tables when they are absent. Throws in_use, unavailable. */
export function openLake(place: { folder: string }): Promise<EmbeddedLake>;
export function openLake(place: LakePlace): Promise<Lake>;
export async function openLake(place: LakePlace): Promise<Lake> {
  if ('folder' in place) return openEmbeddedLake(place.folder);
  // Its client is loaded by those alone who have a server.
  const { openServerLake } = await import('./server/lake.ts');
  return openServerLake(place.url);
}
