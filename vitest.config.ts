import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['./test/lab/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores are the smallest machine that must pass; each file may start real servers.
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default', './test/closing-line.ts'],
  },
});
