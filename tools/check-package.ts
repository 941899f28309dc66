/** The program `npm run check:package`: packs the package, misses nothing in it, and holds the tarball against publint and attw. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingFrom } from './check-package/missing.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'leaktight-check-'));
try {
  run('npm', ['pack', '--pack-destination', folder]);
  const [name = ''] = readdirSync(folder);
  const tarball = join(folder, name);
  const missing = missingFrom(filesOf(tarball), manifest.files);
  for (const entry of missing)
    console.error(`package.json names ${entry}, and the tarball has none`);
  if (missing.length > 0) process.exitCode = 1;
  run('npx', ['--no-install', 'publint', tarball, '--strict']);
  // Every resolution but `node10`, which knows no `exports`. The ignored rule says that a `require` would find an ES
  // module: so it does, and every supported Node loads it. A second copy for CommonJS would be a second registry, whose
  // contexts the first one refuses. That a `require` works, and compiles, is tested on the tarball itself.
  const rules = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm'];
  run('npx', ['--no-install', 'attw', tarball, ...rules, '--format', 'ascii', '--no-emoji']);
} finally {
  rmSync(folder, { recursive: true });
}

/** Names of the files in it, from the root of the package on. */
function filesOf(tarball: string): string[] {
  const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split(/\r?\n/);
  return names.map((name) => name.replace(/^package\//, ''));
}

function run(command: string, args: readonly string[]): void {
  const shell = process.platform === 'win32';
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], shell });
}
