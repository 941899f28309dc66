/** Brings a version of Node from the registry of packages, and says where its binary is. */

import { execFileSync } from 'node:child_process';
import { arch, platform } from 'node:process';

const system: Readonly<Record<string, string>> = { darwin: 'darwin', linux: 'linux', win32: 'win' };

/** As `22` or `22.20.0`. */
export function isVersion(version: string): boolean {
  return /^\d+(\.\d+){0,2}$/.test(version);
}

/** Path of the `node` of a version. Fetched once; afterwards it comes from the cache. */
export function nodeBinary(version: string): string {
  const name = system[platform];
  if (name === undefined) throw new Error(`there is no package of Node for ${platform}`);
  const args = ['--yes', '-p', `node-${name}-${arch}@${version}`, '-c', 'node -p process.execPath'];
  // Its output alone: what npm says to a user goes to standard error.
  const output = execFileSync('npx', args, { encoding: 'utf8', shell: platform === 'win32' });
  return output.trim();
}
