/** The tests that `npm run mutation` runs: those of the registry, in a process that no simulation takes over. */

import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: '.cache/vite',
  test: {
    include: ['test/registry/**/*.test.ts', 'test/otel/**/*.test.ts'],
    exclude: ['**/*.long.test.ts'],
    // A mutant that keeps a test waiting fails it.
    testTimeout: 5_000,
    hookTimeout: 5_000,
  },
});
