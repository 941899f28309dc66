/**
 * A copy of a source folder with some text replaced, to be imported in its place. This file makes the copy and finds it
 * again; its caller says what is replaced, and why.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** By path below their folder. */
export type Texts = Map<string, string>;

export function readSources(folder: string): Texts {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const names = files.filter((file) => file.endsWith('.ts')).sort();
  return new Map(names.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/**
 * @param what Begins the error: for example the bug and the file of the patch.
 * @throws {Error} when `find` does not occur exactly once: a patch that no longer fits must fail loudly.
 */
export function replaceOnce(what: string, text: string, find: string, replace: string): string {
  const matches = text.split(find).length - 1;
  if (matches !== 1) throw new Error(`${what} matches ${matches} times instead of once`);
  return text.replace(find, () => replace);
}

/**
 * The folder below `cache` that holds these texts, written unless it is there. Its name contains their hash: a change
 * of the sources makes a new folder.
 */
export function copyOf(texts: Texts, cache: string, name: string): string {
  const hash = createHash('sha256');
  for (const [file, text] of texts) hash.update(`${file}\0${text}\0`);
  const folder = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) write(folder, texts);
  return folder;
}

/** Written aside and renamed: another process may be making the same copy. */
function write(folder: string, texts: Texts): void {
  const draft = `${folder}.${process.pid}`;
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(draft, file)), { recursive: true });
    writeFileSync(join(draft, file), text);
  }
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
