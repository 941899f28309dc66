/** Starts the program once more, in a worker thread. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Work } from './board.ts';

/**
 * Plain JavaScript, because a Node without TypeScript support needs the loader in each thread again: the loader with
 * which the program was started.
 */
const start = `
const { entry } = require('node:worker_threads').workerData;
const needsLoader = entry.endsWith('.ts') && !process.features.typescript;
const loaded = needsLoader ? import('tsx/esm/api').then(({ register }) => register()) : Promise.resolve();
loaded.then(() => import(entry));
`;

/** `entry` is the URL of a module that looks for work when it is loaded in a worker thread. */
export function startWorker(
  entry: string,
  work: { readonly kind: string },
  options: WorkerOptions = {},
): Worker {
  return new Worker(start, {
    ...options,
    eval: true,
    // The program's own options are for a start from a file.
    execArgv: [],
    workerData: { entry, work },
  });
}

/** The work that this thread was started for, if a pool started it. */
export function workOf(workerData: unknown): Work | undefined {
  if (typeof workerData !== 'object' || workerData === null) return undefined;
  const { work } = workerData as { readonly work?: Work };
  return work?.kind === 'leaktight.sim.work' ? work : undefined;
}
