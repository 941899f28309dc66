/** How much memory this process holds. Needs `--expose-gc`. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Of this process, after the garbage is gone: weak callbacks and finalizers take a turn or two. */
export async function readMemory(): Promise<{ readonly heap: number; readonly rss: number }> {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc');
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc();
    await sleep(50);
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}
