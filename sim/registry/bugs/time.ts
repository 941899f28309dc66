/** Mistakes with clocks. */
import { wallClockIsNotAsked } from '../invariants/time.ts';
import type { Bug } from './bug.ts';

export const wallClockExpiry: Bug = {
  name: 'wall-clock-expiry',
  description:
    'idle time is measured with Date.now(): a step of the wall clock kills or keeps everything',
  guarantees: ['G15'],
  caughtBy: wallClockIsNotAsked.name,
  patches: [
    {
      file: 'stay.ts',
      find: '  #idleSinceMs: number;',
      replace: `  #idleSinceMs: number;
  #idleSinceEpochMs = Date.now();`,
    },
    {
      file: 'stay.ts',
      find: '    this.#idleSinceMs = performance.now();',
      replace: `    this.#idleSinceMs = performance.now();
    this.#idleSinceEpochMs = Date.now();`,
    },
    {
      file: 'stay.ts',
      find: '    return Math.max(this.#idleSinceMs + graceMs,',
      replace: `    void this.#idleSinceMs;
    const idleForMs = Date.now() - this.#idleSinceEpochMs;
    return Math.max(performance.now() - idleForMs + graceMs,`,
    },
    {
      file: 'removals.ts',
      find: '    const removal = this.#queue.add(stay, dueMs);',
      replace: '    const removal = this.#queue.add(stay, dueMs - performance.now() + Date.now());',
    },
    {
      file: 'removals.ts',
      find: '      const nowMs = performance.now();',
      replace: '      const nowMs = Date.now();',
    },
    {
      file: 'removals.ts',
      find: '      Math.max(1, Math.ceil(dueMs - performance.now())),',
      replace: '      Math.max(1, Math.ceil(dueMs - Date.now())),',
    },
  ],
};
