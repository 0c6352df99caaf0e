import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A guard against what never comes, and no measurement: a machine may be busy.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Two cores: a few files side by side, each with ports that it asks the system for.
    maxWorkers: 2,
    reporters: ['default'],
  },
});
