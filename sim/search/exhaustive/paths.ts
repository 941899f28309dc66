/** The numbers of paths: each path of a small universe has one, and every number is a path. */
import type { Path } from '../../run/small-universe.ts';

/**
 * Paths are numbered: the empty one is 0, and each further letter is a digit from 1 to `letters`, the first one lowest
 * (bijective numeration). Every path has one number, and every number is a path.
 */
export function seedOf(path: Path, letters: number): number {
  return path.reduceRight((seed, letter) => seed * letters + letter + 1, 0);
}

export function pathOf(seed: number, letters: number): Path {
  const path: number[] = [];
  for (let rest = seed; rest > 0; rest = Math.floor((rest - 1) / letters)) {
    path.push((rest - 1) % letters);
  }
  return path;
}

/** The longest paths whose numbers are all seeds, that is, below 2^53. */
export function longestPath(letters: number): number {
  let length = 0;
  let last = 0;
  while (last * letters + letters <= Number.MAX_SAFE_INTEGER) {
    last = last * letters + letters;
    length += 1;
  }
  return length;
}
