/** Delta debugging (Zeller and Hildebrandt, 2002), complements only: large chunks go first, then smaller ones, then one by one. */

/**
 * Leaves out of `items` whatever `leaves` agrees to. Called with what would be left; answers whether that was taken. From
 * the end to the beginning, since later items need earlier ones.
 *
 * @returns what is left.
 */
export async function ddmin<T>(
  items: readonly T[],
  takes: (left: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = items;
  for (let size = left.length; size >= 1; size = Math.floor(size / 2)) {
    for (let end = left.length; end > 0; end -= size) {
      const start = Math.max(0, end - size);
      const shorter = left.toSpliced(start, end - start);
      if (await takes(shorter)) left = shorter;
    }
  }
  return left;
}
