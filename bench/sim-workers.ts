/**
 * What a second worker brings a campaign: the program as one runs it, on the same seeds, with one and with two. The start
 * of the threads and the loading of the code in each are measured too.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bench, compare, type Pair } from './measure.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const CORES = 2;

export const simWorkers: Bench = {
  name: 'sim-workers',
  run: async (laboratory) => {
    const rounds: Pair[] = [];
    const runs = laboratory.quick ? 60 : 1_000;
    const count = laboratory.quick ? 1 : 3;
    for (let round = 1; round <= count; round += 1) {
      laboratory.progress(`sim-workers: round ${round} of ${count}`);
      const seed = round * runs;
      const baseline = await perSecond(seed, runs, 1);
      const ours = await perSecond(seed, runs, CORES);
      rounds.push({ baseline, ours });
    }
    laboratory.note(
      `sim-workers: campaigns of ${runs} runs, on ${availableParallelism()} cores; collecting garbage and compiling take ` +
        'a part of the second core with one worker already',
    );
    return [
      compare('runs per second with two workers, beside one', rounds, {
        kind: 'at least',
        ratio: 1.5,
      }),
    ];
  },
};

async function perSecond(seed: number, runs: number, workers: number): Promise<number> {
  const words = ['--seed', seed, '--runs', runs, '--workers', workers, '--json'].map(String);
  const program = ['--import', 'tsx', join('sim', 'cli.ts'), ...words];
  const startedMs = performance.now();
  // A failure of a seed rejects here, and says which.
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: root });
  const seconds = (performance.now() - startedMs) / 1_000;
  const report: { readonly runs?: unknown } = JSON.parse(stdout);
  if (report.runs !== runs) throw new Error(`${report.runs} runs were made, not ${runs}`);
  return runs / seconds;
}
