import { mixedHosts, mixedOptions } from '/work/main/test/engine/mixed.ts';
import { runClean } from '/work/main/test/engine/support.ts';
const which = (process.argv[2] ?? '').split(',').filter(Boolean);
const noFaults = process.argv[3] === 'nofaults';
const out: number[] = [];
for (let seed = 1; seed <= 400; seed++) {
  const { faults, ...options } = mixedOptions(seed);
  const all = mixedHosts();
  const hosts = Object.fromEntries(Object.entries(all).map(([k, v]) => [k, which.includes(k) ? v : () => {}]));
  const soon = noFaults ? [] : (faults ?? []).map((f) => ({ ...f, atMs: Math.floor(f.atMs / 4) }));
  await runClean(hosts, { ...options, durationMs: 2500, settleMs: 300, faults: soon });
  if (seed % 100 === 0) { globalThis.gc?.(); out.push(Math.round(process.memoryUsage().heapUsed/1024)); }
}
console.log(which.join(), noFaults, out.join(' '), process.getActiveResourcesInfo().join());
