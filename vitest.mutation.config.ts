/** The tests that `npm run mutation` keeps loaded. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: '.cache/vite',
  test: {
    include: ['tools/mutation/resident.test.ts'],
    // The runner speaks to its tests from worker thread to worker thread.
    pool: 'threads',
    maxWorkers: 1,
    teardownTimeout: 1_000,
  },
});
