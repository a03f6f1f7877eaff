/** Scanning files for secrets: the door of this folder. */

export type { SanitiseOptions, SanitiseResult } from './sanitise.ts';
export { sanitiseHar } from './sanitise.ts';
export { scanPaths } from './scan-paths.ts';
export {
  type FileFormat,
  type Hit,
  type HitKind,
  hitKinds,
  type ScanError,
  type ScanEvent,
  type ScanOptions,
} from './types.ts';
