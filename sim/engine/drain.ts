/** Ticks and microtasks, drained within a turn of the real event loop. */

/** What Node has had since 0.10 and keeps for its own tests: runs all ticks and microtasks that wait, now. */
const processWithTicks = process as NodeJS.Process & { _tickCallback?: () => void };

/** Whether ticks and microtasks can be drained within a turn of the real event loop. */
export const canDrainAtOnce = typeof processWithTicks._tickCallback === 'function';

/** Runs all ticks and microtasks that wait, from outside all of them. */
export function drainTicks(): void {
  processWithTicks._tickCallback?.();
}
