/** One thread of an exhaustive search, from the inside: walks the paths that it is given until it is ended. */

import type { MessagePort } from 'node:worker_threads';
import type { Step } from '../search/exhaustive/paths.ts';
import type { Lab } from './lab.ts';
import type { WalkAnswer, WalkBatch, WalkWork } from './walk-work.ts';

export function walkThrough({ bug }: WalkWork, port: MessagePort, { universe }: Lab): void {
  if (universe === undefined) throw new Error('a thread was asked for a search that is not there');
  const known = new Set<string>();
  port.on('message', async ({ news, paths }: WalkBatch) => {
    for (const state of news) known.add(state);
    const steps: Step[] = [];
    for (const path of paths)
      steps.push(await universe.walk(path, (state) => known.has(state), bug));
    port.postMessage(steps satisfies WalkAnswer);
  });
}
