/** Mutants that change nothing that can be observed, and that no comment beside the code can name: see `equivalents.txt`. */

import { readFileSync } from 'node:fs';

/** Found by its text, so that it outlives any change of the lines around it. */
export interface Equivalent {
  readonly file: string;
  readonly mutator: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** @throws {Error} naming the line that is no entry. */
export function parseEquivalents(text: string): readonly Equivalent[] {
  let reason = '';
  return text.split('\n').flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    if (line.startsWith('- ')) {
      reason = line.slice(2);
      return [];
    }
    const entry = /^ {2}(\S+) (\w+): (.+) -> (.+)$/.exec(line);
    if (entry === null || reason === '') throw new Error(`line ${index + 1} is no entry: ${line}`);
    const [, file = '', mutator = '', from = '', to = ''] = entry;
    return [{ file, mutator, from, to, reason }];
  });
}

export const equivalents = parseEquivalents(
  readFileSync(new URL('equivalents.txt', import.meta.url), 'utf8'),
);
