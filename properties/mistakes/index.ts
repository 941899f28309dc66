/**
 * The mistakes that properties are shown to notice: the seeded bugs of the simulator, and those here, which need an
 * input that no scenario has. To add one: a constant in the file of its kind, a line here.
 */
import type { Patch } from '../../sim/systems/registry/bugs/bug.ts';
import { libraryWith, patchedLibrary } from '../../sim/systems/registry/bugs/library.ts';
import type { Library } from '../../sim/systems/registry/library.ts';
import { doorMistakes } from './door.ts';
import { identityMistakes } from './identity.ts';
import { outboxMistakes } from './outbox.ts';
import { shutdownMistakes } from './shutdown.ts';

/** What goes wrong, in the present tense, and how it is planted. */
export interface Mistake {
  readonly name: string;
  readonly description: string;
  readonly patches: readonly Patch[];
}

export const mistakes: readonly Mistake[] = [
  ...identityMistakes,
  ...outboxMistakes,
  ...doorMistakes,
  ...shutdownMistakes,
];

const loaded = new Map<string, Promise<Library>>();

/** @throws {Error} when there is neither a mistake nor a seeded bug of that name, or when its patch does not apply. */
export function libraryWithMistake(name: string | null): Promise<Library> {
  const mistake = mistakes.find((one) => one.name === name);
  if (mistake === undefined) return libraryWith(name);
  const library = loaded.get(mistake.name) ?? patchedLibrary(mistake.name, mistake.patches);
  loaded.set(mistake.name, library);
  return library;
}
