/**
 * A map that is small while it holds one entry, as nearly all do: one manager for a user, one connection for
 * a manager. A `Map` for one entry takes some 200 bytes. In order of insertion, as a `Map` is.
 */
export class SmallMap<K extends object | string, V extends object>
  implements Iterable<readonly [K, V]>
{
  #key: K | undefined;
  #value: V | undefined;
  #all: Map<K, V> | undefined;

  get size(): number {
    return this.#all?.size ?? (this.#key === undefined ? 0 : 1);
  }

  get(key: K): V | undefined {
    if (this.#all !== undefined) return this.#all.get(key);
    return this.#key === key ? this.#value : undefined;
  }

  has(key: K): boolean {
    return this.#all?.has(key) ?? this.#key === key;
  }

  set(key: K, value: V): void {
    if (this.#all !== undefined) {
      this.#all.set(key, value);
    } else if (this.#key === undefined || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#all = new Map([...this, [key, value]]);
      this.#key = undefined;
      this.#value = undefined;
    }
  }

  delete(key: K): boolean {
    if (this.#all !== undefined) return this.#all.delete(key);
    if (this.#key !== key) return false;
    this.#key = undefined;
    this.#value = undefined;
    return true;
  }

  *values(): Generator<V> {
    for (const [, value] of this) yield value;
  }

  *[Symbol.iterator](): Generator<readonly [K, V]> {
    if (this.#all !== undefined) yield* this.#all;
    else if (this.#key !== undefined && this.#value !== undefined) yield [this.#key, this.#value];
  }
}
