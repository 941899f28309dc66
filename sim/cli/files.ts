/** Files that are replaced as a whole, and the sources that the runs of a campaign are made with. */

import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @throws when the file is there and cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written beside it, to the disk, and renamed: at every moment the file holds the old text or the new one. */
export function replaceText(path: string, text: string): void {
  const draft = `${path}.tmp`;
  const file = openSync(draft, 'w');
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** In a folder that is made where there is none. */
export function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceText(path, text);
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** SHA-256 over all sources that a run is made with, or over what was built of them. */
export function codeDigest(): string {
  const hash = createHash('sha256');
  for (const folder of ['sim', 'src']) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.[jt]s$/.test(name)).sort()) {
      hash.update(`${folder}/${file}\0`).update(readFileSync(join(root, folder, file)));
    }
  }
  return hash.digest('hex');
}
