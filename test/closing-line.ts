/** The last line of every run: `N passed, N failed, N skipped`, counted in tests. */
import type { Reporter, TestModule } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tally = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const { state } = test.result();
        tally[state === 'pending' ? 'failed' : state]++;
      }
      // A file that does not load, or whose hooks fail before any test, has no failed test to count.
      if (module.state() === 'failed' && (tests === 0 || module.errors().length > 0)) tally.failed++;
    }
    process.on('exit', () => {
      process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
    });
  }
}
