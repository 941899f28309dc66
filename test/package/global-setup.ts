/** Packs the package once, as `npm publish` would, for every test that uses what is shipped. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the packed tarball. */
    tarball: string;
    /** Paths in it. */
    packedFiles: readonly string[];
  }
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'leaktight-pack-'));
  // Built by itself: what a build prints would stand in the JSON.
  npm('run', 'build');
  const output = npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  const [packed] = Object.values(JSON.parse(output) as Packed[] | Record<string, Packed>);
  if (packed === undefined) throw new Error('npm packed nothing');
  project.provide('tarball', join(folder, packed.filename));
  project.provide(
    'packedFiles',
    packed.files.map(({ path }) => path),
  );
  return () => rmSync(folder, { recursive: true });
}

function npm(...args: string[]): string {
  return execFileSync('npm', args, { encoding: 'utf8', shell: process.platform === 'win32' });
}
