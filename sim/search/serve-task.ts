/** The work of one worker thread, whatever search started it. */
import type { MessagePort } from 'node:worker_threads';
import { openSystem, type SystemEntry } from '../run/system.ts';
import { type SeedTask, seedRunner } from './campaign/seed-runner.ts';
import { type PathTask, pathRunner } from './exhaustive/path-runner.ts';
import type { SimulateRun } from './means.ts';
import type { Work } from './pool/board.ts';
import { serve } from './pool/worker.ts';

/** @param entries The systems that a task can name. */
export function serveTask(
  work: Work,
  port: MessagePort,
  entries: readonly SystemEntry[],
  simulate: SimulateRun,
): void {
  const task = work.task as SeedTask | PathTask;
  const system = openSystem(entries, task.system);
  if (task.kind === 'seeds') serve(work, port, seedRunner(task, system, simulate));
  else serve(work, port, pathRunner(task, system));
}
