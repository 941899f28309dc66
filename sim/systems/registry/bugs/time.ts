/** Mistakes with clocks. */
import { wallClockIsNotAsked } from '../invariants/time.ts';
import type { Bug } from './bug.ts';

export const wallClockExpiry: Bug = {
  name: 'wall-clock-expiry',
  description:
    'idle time is measured with Date.now(): a step of the wall clock removes or keeps every idle manager',
  guarantees: ['G15'],
  caughtBy: wallClockIsNotAsked.name,
  patches: [
    {
      file: 'liveness/idle-lifetime.ts',
      find: '  #idleSinceMs: number | undefined;',
      replace: `  #idleSinceMs: number | undefined;
  #idleSinceEpochMs = Date.now();`,
    },
    {
      file: 'liveness/idle-lifetime.ts',
      find: '    this.#idleSinceMs = nowMs;',
      replace: `    this.#idleSinceMs = nowMs;
    this.#idleSinceEpochMs = Date.now();`,
    },
    {
      file: 'liveness/idle-lifetime.ts',
      find: '    const endsAtMs = (this.#idleSinceMs ?? this.#manager.createdAtMs) + graceMs;',
      replace: `    void this.#idleSinceMs;
    const idleForMs = Date.now() - this.#idleSinceEpochMs;
    const endsAtMs = performance.now() - idleForMs + graceMs;`,
    },
    {
      file: 'liveness/scheduled-removals.ts',
      find: '    const scheduledRemoval = this.#queue.add(idleLifetime, dueMs);',
      replace:
        '    const scheduledRemoval = this.#queue.add(idleLifetime, dueMs - performance.now() + Date.now());',
    },
    {
      file: 'liveness/scheduled-removals.ts',
      find: '      const nowMs = performance.now();',
      replace: '      const nowMs = Date.now();',
    },
    {
      file: 'liveness/scheduled-removals.ts',
      find: '      Math.max(1, Math.ceil(dueMs - performance.now())),',
      replace: '      Math.max(1, Math.ceil(dueMs - Date.now())),',
    },
  ],
};
