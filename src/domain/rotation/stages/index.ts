/** The stages in their order of work. */
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
