// Written by `npm run gen` from the folders; a test compares it. Do not edit.
import type { Source } from './contract.ts';
import { cloudtrail } from './cloudtrail/index.ts';
import { linuxAuth } from './linux-auth/index.ts';

/** Every kind of log that has a folder. */
export const sources: readonly Source[] = [
  cloudtrail,
  linuxAuth,
];
