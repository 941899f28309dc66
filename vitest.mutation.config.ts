/** The tests of one group, loaded once for `npm run mutation`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: '.cache/vite',
  test: {
    include: ['tools/mutation/resident.test.ts'],
    // The runner speaks to its tests from thread to thread.
    pool: 'threads',
    maxWorkers: 1,
    teardownTimeout: 1_000,
  },
});
