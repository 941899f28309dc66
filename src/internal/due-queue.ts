/**
 * Things ordered by when they are due: a binary heap whose entries know their place, so that each can be
 * removed again. Looking at the first is cheap, however many there are. Knows no clock.
 */

export interface DueEntry<T> {
  readonly item: T;
  readonly dueMs: number;
  /** Place in the heap; -1 once it is out. */
  place: number;
}

export class DueQueue<T> {
  readonly #heap: DueEntry<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the first is due; `Infinity` when there is none. */
  get firstDueMs(): number {
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  add(item: T, dueMs: number): DueEntry<T> {
    const entry: DueEntry<T> = { item, dueMs, place: this.#heap.length };
    this.#heap.push(entry);
    this.#rise(entry);
    return entry;
  }

  /** Without effect when it is out already. */
  remove(entry: DueEntry<T>): void {
    const { place } = entry;
    if (place === -1) return;
    entry.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, place);
    this.#sink(last);
    this.#rise(last);
  }

  /** Takes out the first, if it is due. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.remove(first);
    return first.item;
  }

  clear(): void {
    for (const entry of this.#heap) entry.place = -1;
    this.#heap.length = 0;
  }

  #put(entry: DueEntry<T>, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  #rise(entry: DueEntry<T>): void {
    for (;;) {
      const { place } = entry;
      const parent = this.#heap[(place - 1) >> 1];
      if (place === 0 || parent === undefined || parent.dueMs <= entry.dueMs) return;
      this.#put(entry, parent.place);
      this.#put(parent, place);
    }
  }

  #sink(entry: DueEntry<T>): void {
    for (;;) {
      const { place } = entry;
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const child =
        left !== undefined && right !== undefined && right.dueMs < left.dueMs ? right : left;
      if (child === undefined || child.dueMs >= entry.dueMs) return;
      this.#put(entry, child.place);
      this.#put(child, place);
    }
  }
}
