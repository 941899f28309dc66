/** What a verification depends on, and nothing else does: the sources, by digest, and the versions that are locked. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfFiles, digestOfSources, filesBelow } from '../digest-of-sources.ts';
import { type Mutation, readMutation } from './mutation.ts';

export interface Inputs {
  /** Of the package. */
  readonly version: string;
  /** SHA-256 of the registry's sources: see `digestOfSources`. */
  readonly registry: string;
  /** SHA-256 of all that a verification is made with. */
  readonly whole: string;
  /** Packages that runs go through, as they are locked. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly mutation: Mutation;
}

const packages = ['ws', '@sinonjs/fake-timers'];

/** What `whole` is taken over, in words. */
export const coverage =
  '`src/**/*.ts`, `sim/**/*.ts`, `sim/corpus/*.json`, `tools/verify.ts`, `tools/verify/*.ts`, `tools/bugs/hunt.ts`, `tools/digest-of-sources.ts`';

/** @throws {Error} naming the file of `root` that is missing or is not what it must be. */
export function readInputs(root: string): Inputs {
  const { version } = readJson(root, 'package.json') as { readonly version?: unknown };
  if (typeof version !== 'string') throw new Error('package.json names no version');
  const registry = digestOfSources(root);
  return {
    version,
    registry,
    whole: digestOfFiles(root, [
      ...filesBelow(root, 'src', ['.ts']),
      ...filesBelow(root, 'sim', ['.ts']),
      ...filesBelow(root, 'sim/corpus', ['.json']),
      ...filesBelow(root, 'tools/verify', ['.ts']),
      'tools/verify.ts',
      'tools/bugs/hunt.ts',
      'tools/digest-of-sources.ts',
    ]),
    packages: packages.map((name) => ({ name, version: lockedVersion(root, name) })),
    mutation: readMutation(root, registry),
  };
}

/** Refuses to verify with other packages than those that the report would name. */
export function assertInstalled(root: string, inputs: Inputs): void {
  for (const { name, version } of inputs.packages) {
    const file = `node_modules/${name}/package.json`;
    if (!existsSync(join(root, file))) throw new Error(`${name} is not installed; run npm ci`);
    const installed = (readJson(root, file) as { readonly version?: unknown }).version;
    if (installed === version) continue;
    throw new Error(`${name} ${String(installed)} is installed, ${version} is locked; run npm ci`);
  }
}

function lockedVersion(root: string, name: string): string {
  const lock = readJson(root, 'package-lock.json') as {
    readonly packages?: Readonly<Record<string, { readonly version?: string }>>;
  };
  const version = lock.packages?.[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`package-lock.json locks no version of ${name}`);
  return version;
}

function readJson(root: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  }
}
