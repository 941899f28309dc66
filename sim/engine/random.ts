/**
 * Keyed randomness. Every consumer draws from a stream of its own, named by its key (`random.for('link', 3, 'up')`),
 * never from one global stream: removing an action from a scenario then re-rolls nothing but what belonged to it, and
 * shrinking works. Streams are sfc32 seeded with a 128-bit hash of root and key; not for secrets.
 */

/** An inclusive range, in the unit that the name of its field gives. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = d | 0;
    // sfc32 mixes a poor seed within a dozen steps.
    for (let step = 0; step < 12; step++) this.uint32();
  }

  /** The next 32 bits, as an unsigned integer. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [0, 1), with 53 random bits, as `Math.random` gives. */
  unit(): number {
    return ((this.uint32() >>> 5) * 67_108_864 + (this.uint32() >>> 6)) / 9_007_199_254_740_992;
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  /** An integer in `range`, both ends included. */
  in(range: Range): number {
    return this.between(range.min, range.max);
  }

  /** True with the given probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of `items`. Throws on an empty list. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.unit() * items.length)];
    if (item === undefined) throw new RangeError('pick needs at least one item');
    return item;
  }

  /** A new array with the items of `items` in a random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.between(0, last);
      const a = shuffled[last];
      const b = shuffled[other];
      if (a !== undefined && b !== undefined) {
        shuffled[last] = b;
        shuffled[other] = a;
      }
    }
    return shuffled;
  }

  fill(bytes: Uint8Array): void {
    let word = 0;
    for (let index = 0; index < bytes.length; index++) {
      if ((index & 3) === 0) word = this.uint32();
      bytes[index] = word & 0xff;
      word >>>= 8;
    }
  }
}

export class RandomSource {
  readonly #root: string;

  /** @param seed An integer from 0 to 2^53 - 1. */
  constructor(seed: number) {
    this.#root = String(seed);
  }

  /** The stream of one owner, from its beginning. The same key gives the same stream each time. */
  for(...key: readonly (string | number)[]): Random {
    const hash = hash128(`${this.#root}\u0000${key.join('\u0000')}`);
    return new Random(hash[0], hash[1], hash[2], hash[3]);
  }
}

/** cyrb128 (bryc, public domain): spreads a short string over 128 bits. */
function hash128(text: string): readonly [number, number, number, number] {
  let h1 = 1_779_033_703;
  let h2 = 3_144_134_277;
  let h3 = 1_013_904_242;
  let h4 = 2_773_480_762;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ unit, 597_399_067);
    h2 = h3 ^ Math.imul(h2 ^ unit, 2_869_860_233);
    h3 = h4 ^ Math.imul(h3 ^ unit, 951_274_213);
    h4 = h1 ^ Math.imul(h4 ^ unit, 2_716_044_179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597_399_067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2_869_860_233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951_274_213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2_716_044_179);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1 >>> 0, (h2 ^ h1) >>> 0, (h3 ^ h1) >>> 0, (h4 ^ h1) >>> 0];
}
