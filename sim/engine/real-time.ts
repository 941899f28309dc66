/**
 * The platform's own clocks, as they were when the first copy of this module was loaded: a copy that is loaded during a
 * run sees replaced ones. They serve guards and turns of the event loop, and decide nothing in a run.
 */
import { performance } from 'node:perf_hooks';
import { onceInProcess } from './once-in-process.ts';

const real = onceInProcess('real-time', () => ({
  nowMs: performance.now.bind(performance),
  setImmediate: globalThis.setImmediate,
  cpuUsage: process.cpuUsage.bind(process),
}));

export const realNowMs = real.nowMs;
export const realSetImmediate = real.setImmediate;

/** Milliseconds for which this process has run, on all of its threads. */
export function realCpuMs(): number {
  const { user, system } = real.cpuUsage();
  return (user + system) / 1_000;
}
