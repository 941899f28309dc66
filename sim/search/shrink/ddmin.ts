/**
 * Delta debugging (Zeller and Hildebrandt, 2002), complements only: it drops large chunks first, then smaller ones,
 * then single items.
 */

/**
 * Drops every item of `items` that `leaves` accepts to drop. `leaves` is called with the remaining items and returns
 * whether it accepted them. It works from the end to the beginning, since later items need earlier ones.
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
