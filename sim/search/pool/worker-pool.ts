/**
 * The threads of a campaign, from the outside: keeps them going, puts what they post in order, and replaces one that dies
 * or gives no sign of life. Its run is then a failure of its seed, and the campaign goes on.
 */

import type { Worker } from 'node:worker_threads';
import type { RunPlan } from '../../cli/parse-command.ts';
import { campaignAt, type SeedPlan, seedAt } from '../campaign/seed-plan.ts';
import type { SeedResult } from '../seed/determinism-check.ts';
import { crashed } from '../seed/run-seed.ts';
import { Board, type ThreadResult, type ThreadWork } from './board.ts';

/** A campaign, as far as its threads are concerned. */
export type PoolPlan = RunPlan & SeedPlan & { readonly runs: number };

export interface PoolOptions {
  readonly threads: number;
  /** Index of the first run to make, counted through all campaigns. */
  readonly from: number;
  /** Called in order of index. */
  readonly onResult: (result: SeedResult) => void;
  /** Asked often; once true, no further run begins. */
  readonly isOver: () => boolean;
  readonly startThread: (work: ThreadWork) => Worker;
  /** Looks without a sign of life after which a thread is ended; there are ten a second. @default 600 */
  readonly looksMax?: number;
}

/** Real milliseconds between two looks at the threads. */
const lookMs = 100;

/** Looks that a thread has for its start, which loads all that runs are made with. */
const startLooksMax = 600;

/**
 * Makes the runs of one campaign, or of several one after the other, with threads that are started once for all.
 * Settles when every run that began has been given to `onResult`, and no thread is left.
 *
 * @throws {Error} when a thread cannot even start, or `onResult` throws.
 */
export async function runInThreads(
  plans: readonly PoolPlan[],
  options: PoolOptions,
): Promise<void> {
  const pool = new Pool(plans, options);
  try {
    await pool.run();
  } finally {
    await pool.end();
  }
}

interface Thread {
  readonly worker: Worker;
  readonly slot: number;
  beats: bigint;
  silentLooks: number;
  /** Whether it has posted anything. One that dies before has not even started. */
  hasWorked: boolean;
  /** Why it died, when it said so. */
  error?: unknown;
}

class Pool {
  readonly #done: Promise<void>;
  readonly #plans: readonly PoolPlan[];
  readonly #options: PoolOptions;
  readonly #board: Board;
  readonly #threads = new Set<Thread>();
  readonly #waiting = new Map<number, SeedResult>();
  readonly #looks: NodeJS.Timeout;
  readonly #silentMax: number;
  #next: number;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(plans: readonly PoolPlan[], options: PoolOptions) {
    this.#plans = plans;
    this.#options = options;
    this.#next = options.from;
    this.#silentMax = options.looksMax ?? 600;
    this.#board = Board.make(options.threads, options.from);
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#looks = setInterval(() => this.#look(), lookMs);
  }

  run(): Promise<void> {
    for (let slot = 0; slot < this.#options.threads; slot += 1) this.#start(slot);
    return this.#done;
  }

  /** Ends what is left. */
  async end(): Promise<void> {
    clearInterval(this.#looks);
    const left = [...this.#threads];
    this.#threads.clear();
    await Promise.all(left.map(({ worker }) => worker.terminate()));
  }

  #start(slot: number): void {
    this.#board.reset(slot);
    const worker = this.#options.startThread({
      kind: 'leaktight.sim.runs',
      campaigns: this.#plans.map(({ seed, shard, family, bug, checksAll, runs }) => ({
        seed,
        shard,
        scenario: family.name,
        ...(bug === undefined ? {} : { bug }),
        checksAll,
        runs,
      })),
      shared: this.#board.shared,
      slot,
    });
    const thread: Thread = { worker, slot, beats: -1n, silentLooks: 0, hasWorked: false };
    this.#threads.add(thread);
    worker.on('message', (result: ThreadResult) => {
      thread.hasWorked = true;
      this.#take(result.index, result);
    });
    worker.on('error', (error) => {
      thread.error = error;
    });
    worker.on('exit', (code) => this.#ended(thread, code));
  }

  #take(index: number, result: SeedResult): void {
    // A thread that was ended may have posted its last run before.
    if (index < this.#next || this.#waiting.has(index)) return;
    this.#waiting.set(index, result);
    try {
      for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
        this.#options.onResult(next);
      }
    } catch (error) {
      this.#reject(error);
    }
    this.#board.added(this.#next);
    if (this.#options.isOver()) this.#board.stop();
  }

  #pop(): SeedResult | undefined {
    const result = this.#waiting.get(this.#next);
    if (result === undefined) return undefined;
    this.#waiting.delete(this.#next);
    this.#next += 1;
    return result;
  }

  /** Called when a thread has ended, whatever the reason; all that it posted has arrived by then. */
  #ended(thread: Thread, code: number): void {
    if (!this.#threads.delete(thread)) return;
    const { slot, error } = thread;
    const index = this.#board.at(slot);
    const isWhole = code === 0 && error === undefined && index === undefined;
    if (!isWhole && index === undefined && !thread.hasWorked) {
      this.#reject(error ?? new Error(`a thread ended with code ${code} before its first run`));
      return;
    }
    if (index !== undefined) this.#lost(index, code, error);
    if (!isWhole) this.#start(slot);
    else if (this.#threads.size === 0) this.#resolve();
  }

  #lost(index: number, code: number, error: unknown): void {
    const run = campaignAt(this.#plans, index);
    const seed = seedAt(run.plan, run.index);
    const cause = error ?? new Error(`its thread ended with code ${code}`);
    this.#take(index, { outcome: crashed(run.plan, seed, cause) });
  }

  #look(): void {
    if (this.#options.isOver()) this.#board.stop();
    for (const thread of this.#threads) {
      const beats = this.#board.beats(thread.slot);
      thread.silentLooks = beats === thread.beats ? thread.silentLooks + 1 : 0;
      thread.beats = beats;
      const looksMax = beats === 0n ? startLooksMax : this.#silentMax;
      if (thread.silentLooks < looksMax) continue;
      thread.silentLooks = 0;
      const seconds = (looksMax * lookMs) / 1_000;
      thread.error ??= new Error(`its thread gave no sign of life for ${seconds} s and was ended`);
      void thread.worker.terminate();
    }
  }
}
