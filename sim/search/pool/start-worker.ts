/** Starts the program once more, in a thread of its own. */

import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { WalkWork } from '../../cli/walk-work.ts';
import type { ThreadWork } from './board.ts';

/** The work of a thread: runs of a campaign, or walks of an exhaustive search. */
export type Work = ThreadWork | WalkWork;

/**
 * Plain JavaScript, because a Node that does not read TypeScript itself needs its loader in each thread anew: it is the
 * one that the program itself was started with.
 */
const start = `
const { entry } = require('node:worker_threads').workerData;
const needsLoader = entry.endsWith('.ts') && !process.features.typescript;
const loaded = needsLoader ? import('tsx/esm/api').then(({ register }) => register()) : Promise.resolve();
loaded.then(() => import(entry));
`;

/** `entry` is the URL of a module that looks for work when it is loaded in a thread. */
export function startThread(
  entry: string,
  work: { readonly kind: string },
  options: WorkerOptions = {},
): Worker {
  return new Worker(start, {
    ...options,
    eval: true,
    // Those of the program would be for a start from a file.
    execArgv: [],
    workerData: { entry, work },
  });
}

/** The work that this thread was started for, if it was. */
export function workOf(workerData: unknown): Work | undefined {
  if (typeof workerData !== 'object' || workerData === null) return undefined;
  const { work } = workerData as { readonly work?: Work };
  const isOurs = work?.kind === 'leaktight.sim.runs' || work?.kind === 'leaktight.sim.walks';
  return isOurs ? work : undefined;
}
