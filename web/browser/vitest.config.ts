import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    // One browser and one stack for all tests; each test has its own users and windows.
    fileParallelism: false,
    isolate: false,
    setupFiles: ['./after-each.ts'],
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['verbose', './figures.ts'],
  },
});
