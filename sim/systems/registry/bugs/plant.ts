/**
 * Plants a seeded bug in a copy of the registry's sources and loads the copy. It needs no hook in `src/`, and no loader
 * hook: a loader sees other text under tsx, under Node's own type stripping and under Vitest.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { copyOf, readSources, replaceOnce } from '../../patched-copy.ts';
import { type Library, shippedLibrary } from '../library.ts';
import type { Patch } from './bug.ts';
import { propertyBugs } from './found-by-properties/index.ts';
import { bugs } from './index.ts';

const sources = fileURLToPath(new URL('../../../../src/', import.meta.url));
/** Inside the package, so that the copy finds `ws`; ignored by git. */
const cache = fileURLToPath(new URL('../../../../.cache/bugs/', import.meta.url));

const loaded = new Map<string, Promise<Library>>();

/** @throws {Error} when there is no bug of that name, or when its patch does not apply exactly once. */
export function libraryWith(bugName: string | null): Promise<Library> {
  if (bugName === null) return Promise.resolve(shippedLibrary);
  const known = loaded.get(bugName);
  if (known !== undefined) return known;
  const bug = [...bugs, ...propertyBugs].find(({ name }) => name === bugName);
  if (bug === undefined) throw new Error(`no seeded bug named ${bugName}`);
  const library = patchedLibrary(bugName, bug.patches);
  loaded.set(bugName, library);
  return library;
}

/**
 * A copy of the registry with patches that belong to no seeded bug. The name begins the folder's name and the errors.
 */
function patchedLibrary(name: string, patches: readonly Patch[]): Promise<Library> {
  const texts = readSources(sources);
  for (const patch of patches)
    texts.set(patch.file, applyPatch(name, patch, texts.get(patch.file)));
  const folder = copyOf(texts, cache, name);
  return import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.ts')).href);
}

/** A patch that no longer matches fails here with an error, and not later as a bug that is never found. */
export function applyPatch(bugName: string, { file, find, replace }: Patch, text = ''): string {
  return replaceOnce(`seeded bug ${bugName}: its patch of src/${file}`, text, find, replace);
}
