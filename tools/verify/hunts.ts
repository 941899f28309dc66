/** Looks for seeded bugs in threads, one bug a thread at a time. */

import type { MessagePort, Worker } from 'node:worker_threads';
import type { HuntResult } from '../bugs/hunt.ts';
import type { PlanEnvironment } from './means.ts';
import type { Plan } from './plan.ts';
import type { BugResult } from './results.ts';
import type { VerifiedSystem } from './verified-system.ts';

/** Given to a thread when it starts; it is then posted the names of bugs, one at a time, and posts what came of each. */
export interface HuntWork {
  readonly kind: 'leaktight.verify.hunts';
  readonly bugSeeds: number;
  readonly shrinkRuns: number;
}

/** The work of such a thread. */
export function huntThrough(work: HuntWork, port: MessagePort, system: VerifiedSystem): void {
  port.on('message', async (name: string) => {
    const bug = system.bugs.find((one) => one.name === name);
    if (bug === undefined) throw new Error(`a thread was asked for bug '${name}'`);
    port.postMessage(resultOf(await system.hunt(bug, work.bugSeeds, work.shrinkRuns)));
  });
}

/** Settles when all bugs of the plan have been looked for. In the order of the catalogue. */
export async function huntAll(
  { bugs, bugSeeds, shrinkRuns }: Plan,
  system: VerifiedSystem,
  { threads, startThread, onProgress }: PlanEnvironment,
): Promise<BugResult[]> {
  const known = system.bugs.map(({ name }) => name);
  const stranger = bugs === 'all' ? undefined : bugs.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`the plan has a bug '${stranger}', which is none`);
  const names = known.filter((name) => bugs === 'all' || bugs.includes(name));
  const work = { kind: 'leaktight.verify.hunts', bugSeeds, shrinkRuns } satisfies HuntWork;
  const workers = Array.from({ length: Math.min(threads, names.length) }, () => startThread(work));
  const results = new Map<string, BugResult>();
  const waiting = [...names];
  const onResult = (result: BugResult): void => {
    results.set(result.bug, result);
    onProgress(`bug ${results.size} of ${names.length}: ${result.bug}, ${foundText(result)}`);
  };
  try {
    await Promise.all(workers.map((worker) => keepBusy(worker, waiting, onResult)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return names.flatMap((name) => results.get(name) ?? []);
}

/** Settles when nothing is waiting any more and the thread has answered. */
function keepBusy(
  worker: Worker,
  waiting: string[],
  onResult: (result: BugResult) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const name = waiting.shift();
      if (name === undefined) resolve();
      else worker.postMessage(name);
    };
    worker.on('message', (result: BugResult) => {
      onResult(result);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a thread ended with code ${code}`)));
    next();
  });
}

function resultOf({ foundMs: _, found, ...result }: HuntResult): BugResult {
  if (found === undefined) return result;
  const { shrinkMs: __, ...kept } = found;
  return { ...result, found: kept };
}

function foundText({ seeds, found }: BugResult): string {
  if (found === undefined) return `not caught in ${seeds} seed${seeds === 1 ? '' : 's'}`;
  const steps = found.actions + found.faults;
  return `seed ${found.seed}, ${steps} step${steps === 1 ? '' : 's'} left`;
}
