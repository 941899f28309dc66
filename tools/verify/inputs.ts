/** What a report names as its origin: version, commit and the locked packages that runs go through. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Inputs {
  /** Of the package. */
  readonly version: string;
  /** The commit that is checked out. Absent outside of a checkout. */
  readonly commit?: string;
  /** Whether files that decide what a verification finds differ from that commit. */
  readonly isChanged: boolean;
  /** Packages that runs go through, as they are locked. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

const packages = ['ws', '@sinonjs/fake-timers'];

/** All that decides what a verification finds. The report itself is not among it: a second run names the same commit. */
const sources = ['src', 'sim', 'tools', 'package.json', 'package-lock.json'];

/** @throws {Error} naming the file of `root` that is missing or is not what it must be. */
export function readInputs(root: string): Inputs {
  const { version } = readJson(root, 'package.json') as { readonly version?: unknown };
  if (typeof version !== 'string') throw new Error('package.json names no version');
  const commit = git(root, 'rev-parse', '--verify', 'HEAD');
  return {
    version,
    ...(commit !== undefined && { commit }),
    isChanged: git(root, 'status', '--porcelain', '--', ...sources) !== '',
    packages: packages.map((name) => ({ name, version: lockedVersion(root, name) })),
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

/** Nothing outside of a checkout, and where there is no git. */
function git(root: string, ...args: readonly string[]): string | undefined {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: [...stdio] }).trim();
  } catch {
    return undefined;
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
