/** Holds every source file against the layers and the allowances. Reads files, prints nothing. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { type Allowance, allowances, seededFolders } from './allowances.ts';
import { findCycles } from './cycles.ts';
import { holds, type Layer, layerOf, layers } from './layers.ts';
import { readSource } from './source.ts';

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface Rules {
  readonly layers: readonly Layer[];
  readonly allowances: readonly Allowance[];
}

/** Where a package of our own leads: a self-reference is an import like any other. */
const selfReferences: Readonly<Record<string, string>> = {
  leaktight: 'src/index.ts',
  'leaktight/otel': 'src/telemetry/otel.ts',
  'leaktight/sim': 'sim/index.ts',
  'leaktight/sim/register': 'sim/register.ts',
  'leaktight/sim/vitest': 'sim/vitest.ts',
};

/** Every breach of the rules under `root`, in the order of the files. */
export function checkArchitecture(root: string, rules: Rules = { layers, allowances }): Problem[] {
  const problems: Problem[] = [];
  const unused = new Set(rules.allowances.flatMap(namesOf));
  for (const file of sourceFiles(root)) {
    const layer = layerOf(file, rules.layers);
    if (layer === undefined) {
      problems.push({
        file,
        line: 1,
        message: 'belongs to no layer; add one that says what it may import',
      });
      continue;
    }
    const { imports, escapes } = readSource(file, readFileSync(join(root, file), 'utf8'));
    for (const { specifier, line } of imports) {
      const message = refusal(root, file, specifier, layer);
      if (message !== undefined) problems.push({ file, line, message });
    }
    if (!seededFolders.some((folder) => holds(folder, file))) continue;
    for (const { name, line } of escapes) {
      const allowance = rules.allowances.find((one) => allows(one, file, name));
      if (allowance !== undefined)
        for (const entry of [name, 'any']) unused.delete(key(allowance.path, entry));
      else problems.push({ file, line, message: `reads ${name}, which no seed decides` });
    }
  }
  for (const entry of unused) {
    const [file = '', name = ''] = entry.split('\0');
    problems.push({
      file,
      line: 1,
      message: `is allowed to read ${name} and does not; take the allowance away`,
    });
  }
  return problems;
}

/** One problem for each cycle, at its first file. */
export function checkCycles(root: string): Problem[] {
  const files = sourceFiles(root);
  const graph = new Map(
    files.map((file) => {
      const { imports } = readSource(file, readFileSync(join(root, file), 'utf8'));
      return [file, imports.flatMap(({ specifier }) => targetOf(file, specifier) ?? [])];
    }),
  );
  return findCycles(graph).map((cycle) => ({
    file: cycle[0] ?? '',
    line: 1,
    message: `is in an import cycle: ${cycle.join(' -> ')}`,
  }));
}

function refusal(
  root: string,
  file: string,
  specifier: string | undefined,
  layer: Layer,
): string | undefined {
  if (specifier === undefined) {
    if (layer.computedImports) return undefined;
    return `imports what cannot be known before it runs: ${layer.why}`;
  }
  const target = targetOf(file, specifier);
  if (target !== undefined) {
    if (specifier.startsWith('.') && !existsSync(join(root, target))) {
      return `imports ${specifier}, which is not there`;
    }
    if (layer.imports.some((path) => holds(path, target))) return undefined;
    return `imports ${target}: ${layer.why}`;
  }
  if (specifier.startsWith('node:')) return undefined;
  if (isBuiltin(specifier)) return `imports ${specifier}; write node:${specifier}`;
  const name = packageName(specifier);
  if (layer.packages === 'any' || layer.packages.includes(name)) return undefined;
  return `imports the package ${name}: ${layer.why}`;
}

/** A path from the root, or nothing for a package and for what is not known before it runs. */
function targetOf(file: string, specifier: string | undefined): string | undefined {
  if (specifier === undefined) return undefined;
  return specifier.startsWith('.')
    ? posix.join(dirname(file), specifier)
    : selfReferences[specifier];
}

function allows({ path, names }: Allowance, file: string, name: string): boolean {
  return holds(path, file) && (names === 'any' || names.includes(name));
}

function namesOf({ path, names }: Allowance): string[] {
  return (names === 'any' ? [names] : names).map((name) => key(path, name));
}

function key(path: string, name: string): string {
  return `${path}\0${name}`;
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Paths from `root` with forward slashes, in one order on every machine. */
function sourceFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (!entry.isDirectory()) return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
      return isGenerated(entry.name) ? [] : sourceFiles(root, path);
    })
    .sort();
}

function isGenerated(folder: string): boolean {
  return folder.startsWith('.') || ['coverage', 'dist', 'node_modules', 'reports'].includes(folder);
}
