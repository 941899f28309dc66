/** A digest of sources that is the same in every checkout: of names and texts, whatever the line endings. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256, in hexadecimal, of the sources of the registry: all `.ts` files below `src` of `root`. */
export function digestOfSources(root: string): string {
  return digestOfFiles(root, filesBelow(root, 'src', ['.ts']));
}

/** Names from `root` on, with `/` on every system, of the files below `folder` that end in one of `endings`. */
export function filesBelow(root: string, folder: string, endings: readonly string[]): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => endings.some((ending) => name.endsWith(ending)));
}

/** SHA-256 over name and text of each file, in the order of the names. @throws when one cannot be read. */
export function digestOfFiles(root: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of [...files].sort()) {
    const text = readFileSync(join(root, name), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${name}\0${text}\0`);
  }
  return hash.digest('hex');
}
