/**
 * Plants a seeded bug in a copy of the registry's sources and loads that. No hook in `src/` is needed for it, and none
 * of the loader's either: a loader sees other text under tsx, under Node's own type stripping and under Vitest.
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
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Library, shippedLibrary } from '../library.ts';
import type { Patch } from './bug.ts';
import { bugs } from './index.ts';

const sources = fileURLToPath(new URL('../../../src/', import.meta.url));
/** Inside the package, so that the copy finds `ws`; ignored by git. */
const cache = fileURLToPath(new URL('../../../.cache/bugs/', import.meta.url));

const loaded = new Map<string, Promise<Library>>();

/** @throws {Error} when there is no bug of that name, or when its patch does not apply exactly once. */
export function libraryWith(bugName: string | null): Promise<Library> {
  if (bugName === null) return Promise.resolve(shippedLibrary);
  const known = loaded.get(bugName);
  if (known !== undefined) return known;
  const bug = bugs.find(({ name }) => name === bugName);
  if (bug === undefined) throw new Error(`no seeded bug named ${bugName}`);
  const library = importCopy(bugName, bug.patches);
  loaded.set(bugName, library);
  return library;
}

function importCopy(name: string, patches: readonly Patch[]): Promise<Library> {
  const texts = readSources();
  for (const patch of patches)
    texts.set(patch.file, applyPatch(name, patch, texts.get(patch.file)));
  const folder = join(cache, `${name}-${digestOf(texts)}`);
  if (!existsSync(folder)) writeCopy(folder, texts);
  return import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.ts')).href);
}

function readSources(): Map<string, string> {
  const files = readdirSync(sources).sort();
  return new Map(files.map((file) => [file, readFileSync(join(sources, file), 'utf8')]));
}

/** Written aside and renamed: another process may be planting the same bug. */
function writeCopy(folder: string, texts: ReadonlyMap<string, string>): void {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  for (const [file, text] of texts) writeFileSync(join(draft, file), text);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** A patch that no longer fits fails here, loudly, and not as a bug that is never found. */
export function applyPatch(bugName: string, { file, find, replace }: Patch, text = ''): string {
  const matches = text.split(find).length - 1;
  if (matches !== 1) {
    throw new Error(
      `seeded bug ${bugName}: its patch of src/${file} matches ${matches} times instead of once`,
    );
  }
  return text.replace(find, () => replace);
}

/** Of everything that the copy consists of, so that a change of the registry makes a new one. */
function digestOf(texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [file, text] of texts) hash.update(`${file}\0${text}\0`);
  return hash.digest('hex').slice(0, 16);
}
