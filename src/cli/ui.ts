/** Talks to people and programs: results on stdout, everything else on stderr. */

import { errorBody } from '../api/index.ts';
import type { FirebreakError } from '../kernel/errors.ts';
import { describeFault } from '../kernel/errors.ts';
import { bad, dim, Paper, type Part } from './paper.ts';
import { type ProgressView, showProgress } from './progress.ts';
import type { CliWorld, Outcome, Ui } from './world.ts';

export interface FullUi extends Ui {
  /** Says what went wrong: on stderr for people, on stdout with --json. */
  fail(error: FirebreakError): Promise<void>;
  readonly finished: boolean;
}

export function createUi(world: CliWorld, json: boolean): FullUi {
  const progressTTY = world.isProgressTTY ?? world.isTTY;
  const plain = world.env.NO_COLOR !== undefined && world.env.NO_COLOR !== '';
  const paper = (isTTY: boolean) =>
    new Paper({ colours: isTTY && !plain, ...(isTTY && world.columns ? { columns: world.columns } : {}) });
  let bars = 0;
  let finished = false;
  const toStderr = (text: string) => {
    // A bar stands on the line: it is drawn again below.
    world.stderr.write(`${bars > 0 && progressTTY ? '\r\u001b[K' : ''}${text}`);
  };
  const putJson = (value: unknown) =>
    write(world.stdout, `${JSON.stringify(value, undefined, world.isTTY ? 2 : 0)}\n`);
  return {
    json,
    get finished() {
      return finished;
    },
    say: (...parts: Part[]) =>
      toStderr(
        paper(progressTTY)
          .line(...parts)
          .toString(),
      ),
    progress: (title): ProgressView => {
      const { stderr: stream, columns, progressEveryMs: everyMs } = world;
      const view = showProgress(title, { stream, isTTY: progressTTY, columns, everyMs });
      bars++;
      let ended = false;
      return {
        update: view.update,
        end: () => {
          if (!ended) bars--;
          ended = true;
          view.end();
        },
      };
    },
    async finish({ json: value, print }: Outcome) {
      finished = true;
      if (json) return putJson(value);
      const sheet = paper(world.isTTY);
      print(sheet);
      await write(world.stdout, sheet.toString());
    },
    async fail(error) {
      if (json) return putJson(errorBody(error));
      await write(world.stderr, describeError(paper(progressTTY), error).toString());
    },
    onInterrupt: (handler) => (world.onInterrupt ?? onSigint)(handler),
  };
}

function describeError(paper: Paper, error: FirebreakError): Paper {
  paper.line(bad(error.code === 'refused' ? 'refused' : 'error'), ': ', error.message);
  for (const fault of error.faults) paper.line('  ', describeFault(fault));
  if (error.retry === 'later') paper.line(dim('the same command may succeed later'));
  return paper;
}

/** Once: the second Ctrl-C finds no handler of ours, and ends the process. */
function onSigint(handler: () => void): () => void {
  process.once('SIGINT', handler);
  return () => process.off('SIGINT', handler);
}

/** Resolves when the text is handed over, so that nothing is lost when the process ends after it. */
function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (text === '') return resolve();
    stream.write(text, () => resolve());
  });
}
