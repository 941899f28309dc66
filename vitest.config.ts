import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '.cache/**', 'coverage/**', 'dist/**'];
/** What uses the package as it is shipped. */
const packaged = [
  'test/package/**/*.test.ts',
  'test/examples/**/*.test.ts',
  'test/readme/**/*.test.ts',
];
/** What runs simulations in its own process. */
const simulations = [
  'test/engine/**/*.test.ts',
  'test/process/**/*.test.ts',
  'test/network/**/*.test.ts',
  'test/platform/**/*.test.ts',
  'test/run/**/*.test.ts',
  'test/scenario/**/*.test.ts',
  'test/golden/**/*.test.ts',
  'test/search/registry/**/*.test.ts',
  'test/sim/**/*.test.ts',
  'properties/**/*.test.ts',
  'test/cli/stopped.test.ts',
  'test/tools/bugs.test.ts',
];
/** What `npm run test:long` runs, and `npm test` does not. */
const long = '**/*.long.test.ts';

/** Tests that shrinking has made fail until the cause is fixed. They run when they are asked for by name only. */
const shrunk = process.argv.some((word) => /reports[\\/]runs/.test(word))
  ? ['reports/runs/**/*.test.ts']
  : [];

/** Where to write the result as JSON, for a program that counts it. Nowhere unless it is asked for. */
const resultFile = process.env.LEAKTIGHT_TEST_RESULT;

/**
 * A simulation takes over the process it runs in: its setup file must be in place before anything loads `ws`, and tests
 * on real sockets must run without it. What uses the package as it is shipped shares one tarball. The long campaigns have
 * two projects for the same reason: `long` starts programs, `long-sim` simulates in its own process.
 */
export default defineConfig({
  // The tests that shrinking writes import the package. Here that is these sources, built or not.
  resolve: {
    alias: { 'leaktight/sim/replay': fileURLToPath(new URL('./sim/replay.ts', import.meta.url)) },
  },
  test: {
    // Processes, not threads: a run owns its process.
    pool: 'forks',
    // Vitest leaves one core to itself, which on two cores means one worker.
    maxWorkers: availableParallelism(),
    reporters: resultFile ? ['default', ['json', { outputFile: resultFile }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, long, ...simulations, ...packaged],
          typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'] },
          // A file leaves nothing behind in its process. Loading the sources for each of some 130 files is most of the cost.
          isolate: false,
          // The slowest start the program itself, in a process of its own.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: packaged,
          exclude: [...exclude, long],
          globalSetup: ['./test/package/global-setup.ts'],
          // The slowest start a browser.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'sim',
          include: [...simulations, ...shrunk],
          exclude: [...exclude, long],
          setupFiles: ['./sim/vitest.ts'],
          // A property is hundreds of whole simulations.
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: [`test/${long}`],
          exclude: [...exclude, ...simulations],
          testTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long-sim',
          include: simulations.map((pattern) => pattern.replace('*.test.ts', '*.long.test.ts')),
          exclude,
          setupFiles: ['./sim/vitest.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
