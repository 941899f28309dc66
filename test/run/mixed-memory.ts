/** Run as a program with `--expose-gc`: prints the heap after every 200 of 2,000 runs, and what is left at the end. */
import { mixedHosts, mixedOptions } from './mixed.ts';
import { runClean } from './support.ts';

const short = { durationMs: 2_500, settleMs: 300 };
const heapBytes: number[] = [];

for (let seed = 1; seed <= 2_200; seed++) {
  const { faults, ...options } = mixedOptions(seed);
  const soon = (faults ?? []).map((fault) => ({ ...fault, atMs: Math.floor(fault.atMs / 4) }));
  await runClean(mixedHosts(), { ...options, ...short, faults: soon });
  if (seed % 200 !== 0) continue;
  globalThis.gc?.();
  // The first runs fill caches and compile code.
  if (seed > 200) heapBytes.push(process.memoryUsage().heapUsed);
}

const standard = new Set(['PipeWrap', 'TTYWrap', 'FSReqPromise']);
const resources = process.getActiveResourcesInfo().filter((name) => !standard.has(name));
console.log(JSON.stringify({ heapBytes, resources }));
