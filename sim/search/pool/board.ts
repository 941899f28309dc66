/**
 * What the workers of a pool share. A worker takes the next job off a counter in shared memory and posts what came of it;
 * nothing is posted to it while it makes jobs, because a message could only arrive in the middle of a run.
 */

/** Given to a worker when it starts. Plain data. */
export interface Work {
  readonly kind: 'leaktight.sim.work';
  /** What its jobs are about: the search that starts the pool says what is in it. */
  readonly task: { readonly kind: string };
  readonly shared: SharedArrayBuffer;
  /** Ordinal of the worker among those that run at the same time. */
  readonly slot: number;
}

/** Posted to a worker that makes no jobs: more are to be made. */
export interface RoundMessage {
  /** What the jobs of this round are about, beside the task. Plain data. */
  readonly data: unknown;
  /** Index of the last job, and one more. */
  readonly until: number;
}

/** Posted by a worker: what came of one job, or that it takes no further one in this round. */
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

  /** The next job, or nothing when no further one is to begin. What was taken must be made: no other worker will. */
  take(slot: number, until: number): number | undefined {
    if (Atomics.load(this.#cells, cells.stop) !== 0n) return undefined;
    const index = Atomics.add(this.#cells, cells.next, 1n);
    if (index >= BigInt(until)) return undefined;
    Atomics.store(this.#cells, cells.workers + 2 * slot, index);
    return Number(index);
  }

  /** The worker of this slot has posted what came of its job. */
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

  /** The job that the worker of a slot is at, if it is at one. */
  at(slot: number): number | undefined {
    const index = Atomics.load(this.#cells, cells.workers + 2 * slot);
    return index === idle ? undefined : Number(index);
  }

  beats(slot: number): bigint {
    return Atomics.load(this.#cells, cells.workers + 2 * slot + 1);
  }
}

/** Where in the memory what stands. Each worker has two cells: the job it is at, and its beats. */
const cells = { next: 0, added: 1, stop: 2, workers: 3 } as const;
