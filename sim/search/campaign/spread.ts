/** How often each whole number was seen. As large as the numbers differ, not as many as there are. */
export class Spread {
  readonly #seen: Map<number, number>;
  #count = 0;
  sum = 0;

  /** `seen` is what `entries` of an earlier one gave. */
  constructor(seen: readonly (readonly [value: number, count: number])[] = []) {
    this.#seen = new Map(seen);
    for (const [value, count] of seen) {
      this.#count += count;
      this.sum += value * count;
    }
  }

  add(value: number): void {
    this.#seen.set(value, (this.#seen.get(value) ?? 0) + 1);
    this.#count += 1;
    this.sum += value;
  }

  entries(): [value: number, count: number][] {
    return [...this.#seen];
  }

  /** The middle value; between two middle ones, their mean; of nothing, 0. */
  median(): number {
    if (this.#count === 0) return 0;
    const sorted = [...this.#seen].sort(([a], [b]) => a - b);
    return (at(sorted, (this.#count - 1) >> 1) + at(sorted, this.#count >> 1)) / 2;
  }
}

function at(sorted: readonly (readonly [value: number, count: number])[], index: number): number {
  let before = 0;
  for (const [value, count] of sorted) {
    before += count;
    if (index < before) return value;
  }
  throw new RangeError(`index must be below ${before}, got ${index}`);
}
