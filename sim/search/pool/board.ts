/**
 * What the workers of a pool share. A worker takes the next job from a counter in shared memory and posts its result.
 * It gets no message while it works, because a message would arrive in the middle of a run.
 */

/** Given to a worker when it starts. Plain data. */
export interface Work {
  readonly kind: 'leaktight.sim.work';
  /** The task of its jobs, defined by the search that starts the pool. */
  readonly task: { readonly kind: string };
  readonly shared: SharedArrayBuffer;
  /** Ordinal of the worker among those that run at the same time. */
  readonly slot: number;
}

/** Posted to an idle worker: there are more jobs. */
export interface RoundMessage {
  /** Data of this round, in addition to the task. Plain data. */
  readonly data: unknown;
  /** Index after the last job. */
  readonly until: number;
}

/** Posted by a worker: the result of one job, or that it takes no further one in this round. */
export type WorkerMessage<Result> =
  | { readonly kind: 'result'; readonly index: number; readonly result: Result }
  | { readonly kind: 'idle' };

/** How far a worker may be ahead of the slowest one, in jobs: results wait in memory to be added in order. */
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

  static make(workers: number): Board {
    const board = new Board(new SharedArrayBuffer(8 * (cells.workers + 2 * workers)));
    for (let slot = 0; slot < workers; slot += 1) board.reset(slot);
    return board;
  }

  // For the workers.

  /**
   * The next job, or nothing when no further one may begin. The worker must make a job that it took, since no other
   * will.
   */
  take(slot: number, until: number): number | undefined {
    if (Atomics.load(this.#cells, cells.stop) !== 0n) return undefined;
    const index = Atomics.add(this.#cells, cells.next, 1n);
    if (index >= BigInt(until)) return undefined;
    Atomics.store(this.#cells, cells.workers + 2 * slot, index);
    return Number(index);
  }

  /** The worker of this slot has posted the result of its job. */
  put(slot: number): void {
    Atomics.store(this.#cells, cells.workers + 2 * slot, idle);
  }

  isFarAhead(): boolean {
    if (Atomics.load(this.#cells, cells.stop) !== 0n) return false;
    const next = Atomics.load(this.#cells, cells.next);
    return next - Atomics.load(this.#cells, cells.added) >= aheadMax;
  }

  /** Blocks the worker until results were added, a second at the most. */
  waitForOthers(slot: number): void {
    this.beat(slot);
    Atomics.wait(this.#cells, cells.added, Atomics.load(this.#cells, cells.added), 1_000);
  }

  beat(slot: number): void {
    Atomics.add(this.#cells, cells.workers + 2 * slot + 1, 1n);
  }

  // For the pool.

  /** A round begins with the job `from`. All workers are idle. */
  begin(from: number): void {
    Atomics.store(this.#cells, cells.stop, 0n);
    Atomics.store(this.#cells, cells.next, BigInt(from));
    Atomics.store(this.#cells, cells.added, BigInt(from));
  }

  /** A worker is about to start in this slot. */
  reset(slot: number): void {
    this.put(slot);
    Atomics.store(this.#cells, cells.workers + 2 * slot + 1, 0n);
  }

  stop(): void {
    Atomics.store(this.#cells, cells.stop, 1n);
    Atomics.notify(this.#cells, cells.added);
  }

  /** All jobs before `index` have been added. */
  added(index: number): void {
    Atomics.store(this.#cells, cells.added, BigInt(index));
    Atomics.notify(this.#cells, cells.added);
  }

  /** The current job of the worker of a slot, if any. */
  at(slot: number): number | undefined {
    const index = Atomics.load(this.#cells, cells.workers + 2 * slot);
    return index === idle ? undefined : Number(index);
  }

  beats(slot: number): bigint {
    return Atomics.load(this.#cells, cells.workers + 2 * slot + 1);
  }
}

/** The layout of the shared memory. Each worker has two cells: its current job, and its signs of life. */
const cells = { next: 0, added: 1, stop: 2, workers: 3 } as const;
