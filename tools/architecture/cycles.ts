/** Import cycles, those of types alone included. Biome sees all of them but `import('./file.ts').Type`. Pure. */

/** What each file imports, by its path. Paths that are no keys are passed over. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** A shortest cycle for each file that is in one, unless an earlier cycle names the file: `a.ts -> b.ts -> a.ts`. */
export function findCycles(graph: ImportGraph): string[][] {
  const named = new Set<string>();
  const cycles: string[][] = [];
  for (const file of [...graph.keys()].sort()) {
    if (named.has(file)) continue;
    const cycle = shortestCycle(graph, file);
    if (cycle === undefined) continue;
    for (const one of cycle) named.add(one);
    cycles.push(cycle);
  }
  return cycles;
}

/** From `start` back to it. */
function shortestCycle(graph: ImportGraph, start: string): string[] | undefined {
  const importedBy = new Map<string, string>();
  const waiting = [start];
  for (const file of waiting) {
    for (const target of graph.get(file) ?? []) {
      if (target === start) return [...pathTo(file, start, importedBy), start];
      if (importedBy.has(target)) continue;
      importedBy.set(target, file);
      waiting.push(target);
    }
  }
  return undefined;
}

function pathTo(
  file: string,
  start: string,
  importedBy: ReadonlyMap<string, string>,
): readonly string[] {
  const path = [file];
  for (let at = file; at !== start; ) {
    at = importedBy.get(at) ?? start;
    path.unshift(at);
  }
  return path;
}
