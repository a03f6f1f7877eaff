/** The stages in their order of work. */

import type { Mode, Stage } from '../types.ts';
import { deliver } from './deliver.ts';
import { end } from './end.ts';
import { issue } from './issue.ts';
import { probe } from './probe.ts';
import { prove } from './prove.ts';
import { revoke } from './revoke.ts';
import { seal } from './seal.ts';
import type { StageDefinition } from './stage.ts';
import { verify } from './verify.ts';

export const stageDefinitions: readonly StageDefinition[] = [
  seal,
  issue,
  deliver,
  verify,
  revoke,
  probe,
  end,
  prove,
];

/** The first stage after `done` that a member of this mode needs; those between have nothing to do to it. */
export function nextStage(done: StageDefinition, mode: Mode): StageDefinition | undefined {
  const later = stageDefinitions.slice(stageDefinitions.indexOf(done) + 1);
  return later.find((stage) => stage.needs.includes(mode));
}

/** Where a member stands that has done everything. */
export const lastStage: Stage = 'proven';
