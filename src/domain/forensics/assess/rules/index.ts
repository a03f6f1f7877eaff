/** All rules. */
import type { Rule } from '../rule.ts';
import { accessRules } from './access.ts';
import { fileRules } from './files.ts';
import { hookRules } from './hooks.ts';
import { kernelRules } from './kernel.ts';
import { runningRules } from './running.ts';
import { scheduledRules } from './scheduled.ts';

export const rules: readonly Rule[] = [
  ...runningRules,
  ...accessRules,
  ...scheduledRules,
  ...hookRules,
  ...kernelRules,
  ...fileRules,
];
