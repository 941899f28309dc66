/** The engine's own events, by time. Timers of the code under test live in fake-timers; the loop merges the two. */

import type { Owner } from './owner.ts';
import type { EventKind } from './trace.ts';

/**
 * On which side of the timers that are due at the same millisecond an event happens. Both orders occur in the world, so
 * both must occur here; which one is drawn from the stream of the event's owner.
 */
export const beforeTimers = 0;
export const afterTimers = 1;
export type TimerSide = typeof beforeTimers | typeof afterTimers;

export interface QueuedEvent {
  readonly kind: EventKind;
  readonly atMs: number;
  readonly side: TimerSide;
  /** Ordinal of the event during which this one was scheduled. */
  readonly cause: number;
  /** The process whose code or kernel it concerns. */
  readonly owner: Owner | undefined;
  readonly id: number;
  /** Bytes on the wire; a function where they are known only when they arrive. */
  readonly payload?: Uint8Array | (() => Uint8Array) | undefined;
  /** Asked when it is due: whether it gets lost on the way, so that the trace says so. */
  readonly isLost?: (() => boolean) | undefined;
  readonly data?: unknown;
  /** Asked when it is due: whether something goes first. What holds it plans it anew; this one is dropped without a trace. */
  readonly isHeld?: (() => boolean) | undefined;
  /** Set when it must not happen any more; it is then dropped without a trace. */
  cancelled: boolean;
  readonly fire: () => void;
}

/** An event as a caller plans it; the queue adds the rest. */
export type PlannedEvent = Omit<QueuedEvent, 'cause' | 'cancelled'>;

/** One shape for all events: the loop reads nothing but these, and a shape for each caller would cost it dear. */
class Entry implements QueuedEvent {
  readonly kind: EventKind;
  readonly atMs: number;
  readonly side: TimerSide;
  readonly cause: number;
  readonly owner: Owner | undefined;
  readonly id: number;
  readonly payload: QueuedEvent['payload'];
  readonly isLost: QueuedEvent['isLost'];
  readonly data: unknown;
  readonly isHeld: QueuedEvent['isHeld'];
  cancelled = false;
  readonly fire: () => void;
  readonly order: number;

  constructor(event: PlannedEvent, cause: number, order: number) {
    this.kind = event.kind;
    this.atMs = event.atMs;
    this.side = event.side;
    this.cause = cause;
    this.owner = event.owner;
    this.id = event.id;
    this.payload = event.payload;
    this.isLost = event.isLost;
    this.data = event.data;
    this.isHeld = event.isHeld;
    this.fire = event.fire;
    this.order = order;
  }
}

/** A binary heap by (time, side of the timers, order of insertion). */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** What waits and was not cancelled, in no order. */
  pending(): QueuedEvent[] {
    return this.#heap.filter(({ cancelled }) => !cancelled);
  }

  /** @param cause Ordinal of the event that is happening. */
  push(event: PlannedEvent, cause: number): QueuedEvent {
    const heap = this.#heap;
    const entry = new Entry(event, cause, this.#order++);
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
    return entry;
  }

  /** The next event that is not cancelled, left in place. */
  peek(): QueuedEvent | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || !first.cancelled) return first;
      this.#removeFirst();
    }
  }

  pop(): QueuedEvent | undefined {
    const first = this.peek();
    if (first !== undefined) this.#removeFirst();
    return first;
  }

  /** Forgets everything. */
  clear(): void {
    this.#heap.length = 0;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  if (a.side !== b.side) return a.side < b.side;
  return a.order < b.order;
}
