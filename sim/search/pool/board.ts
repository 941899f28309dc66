/**
 * What the threads of a campaign share. A thread takes the next run off a counter in shared memory and posts what came of
 * it; nothing is ever posted to it, because a message could only arrive in the middle of a run.
 */

import type { SeedPlan } from '../campaign/seed-plan.ts';
import type { SeedResult } from '../seed/determinism-check.ts';

/** The runs of one campaign. Plain data. */
export interface ThreadCampaign extends SeedPlan {
  readonly scenario: string;
  readonly bug?: string;
  readonly checksAll: boolean;
  readonly runs: number;
}

/** Given to a thread when it starts. Plain data. */
export interface ThreadWork {
  readonly kind: 'leaktight.sim.runs';
  /** One after the other; the index of a run goes on from each to the next. */
  readonly campaigns: readonly ThreadCampaign[];
  readonly shared: SharedArrayBuffer;
  /** Ordinal of the thread among those that run at the same time. */
  readonly slot: number;
}

/** Posted by a thread for each run. */
export interface ThreadResult extends SeedResult {
  readonly index: number;
}

/** How far a thread may be ahead of the slowest one, in runs: results wait in memory to be added in order. */
const aheadMax = 512n;

const idle = -1n;

/** The shared memory, by name. All access is atomic. */
export class Board {
  readonly shared: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#cells = new BigInt64Array(shared);
  }

  static make(threads: number, from: number): Board {
    const board = new Board(new SharedArrayBuffer(8 * (cells.threads + 2 * threads)));
    Atomics.store(board.#cells, cells.next, BigInt(from));
    Atomics.store(board.#cells, cells.added, BigInt(from));
    for (let slot = 0; slot < threads; slot += 1) board.reset(slot);
    return board;
  }

  // For the threads.

  /** The next run, or nothing when no further one is to begin. What was taken must be run: no other thread will. */
  take(slot: number, until: number): number | undefined {
    if (Atomics.load(this.#cells, cells.stop) !== 0n) return undefined;
    const index = Atomics.add(this.#cells, cells.next, 1n);
    if (index >= BigInt(until)) return undefined;
    Atomics.store(this.#cells, cells.threads + 2 * slot, index);
    return Number(index);
  }

  /** The thread of this slot has posted what came of its run. */
  put(slot: number): void {
    Atomics.store(this.#cells, cells.threads + 2 * slot, idle);
  }

  isFarAhead(): boolean {
    if (Atomics.load(this.#cells, cells.stop) !== 0n) return false;
    const next = Atomics.load(this.#cells, cells.next);
    return next - Atomics.load(this.#cells, cells.added) >= aheadMax;
  }

  /** Blocks the thread until results were added, a second at the most. */
  waitForOthers(slot: number): void {
    this.beat(slot);
    Atomics.wait(this.#cells, cells.added, Atomics.load(this.#cells, cells.added), 1_000);
  }

  beat(slot: number): void {
    Atomics.add(this.#cells, cells.threads + 2 * slot + 1, 1n);
  }

  // For who started them.

  /** A thread is about to start in this slot. */
  reset(slot: number): void {
    this.put(slot);
    Atomics.store(this.#cells, cells.threads + 2 * slot + 1, 0n);
  }

  stop(): void {
    Atomics.store(this.#cells, cells.stop, 1n);
    Atomics.notify(this.#cells, cells.added);
  }

  /** All runs before `index` have been added. */
  added(index: number): void {
    Atomics.store(this.#cells, cells.added, BigInt(index));
    Atomics.notify(this.#cells, cells.added);
  }

  /** The run that the thread of a slot is at, if it is at one. */
  at(slot: number): number | undefined {
    const index = Atomics.load(this.#cells, cells.threads + 2 * slot);
    return index === idle ? undefined : Number(index);
  }

  beats(slot: number): bigint {
    return Atomics.load(this.#cells, cells.threads + 2 * slot + 1);
  }
}

/** Where in the memory what stands. Each thread has two cells: the run it is at, and its beats. */
const cells = { next: 0, added: 1, stop: 2, threads: 3 } as const;
