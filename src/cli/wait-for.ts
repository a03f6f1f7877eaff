/** Says that something is waited for when it takes longer than a moment: no command hangs in silence. */
import type { Ui } from './world.ts';

/** What takes less is not worth a line that comes and goes. */
const patienceMs = 400;

export async function waitFor<T>(
  ui: Pick<Ui, 'progress'>,
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  let end = () => {};
  const timer = setTimeout(() => {
    const view = ui.progress(title);
    end = () => view.end();
  }, patienceMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    end();
  }
}
