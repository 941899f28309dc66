/**
 * A pool of worker threads, from the outside: it hands out jobs by number, sorts the results of the workers, and
 * replaces a worker that dies or gives no sign of life. The search that starts the pool defines the jobs.
 */
import type { Worker } from 'node:worker_threads';
import { Board, type RoundMessage, type Work, type WorkerMessage } from './board.ts';

export interface PoolOptions<Result> {
  readonly workers: number;
  /** Given to each worker when it starts. Plain data. */
  readonly task: Work['task'];
  readonly startWorker: (work: Work) => Worker;
  /** The result of a job whose worker died. Without it a worker that dies ends the round. */
  readonly lost?: (index: number, cause: unknown) => Result;
  /** Checks without a sign of life after which a worker is ended; there are ten per second. @default 600 */
  readonly looksMax?: number;
}

/** Jobs that are made before others begin. */
export interface Round<Result> {
  /** Data for the workers. Plain data. */
  readonly data: unknown;
  /** Index of the first job. */
  readonly from: number;
  /** Index after the last job. */
  readonly until: number;
  /** Called in order of index. */
  readonly onResult: (result: Result) => void;
  /** Called often; once it returns true, no further job begins. */
  readonly isOver: () => boolean;
}

/** Real milliseconds between two checks of the workers. */
const lookMs = 100;

/** Checks that a worker may miss during its start, which loads all code of the runs. */
const startLooksMax = 600;

interface Member {
  readonly worker: Worker;
  readonly slot: number;
  /** Whether it makes jobs of the round. */
  isBusy: boolean;
  beats: bigint;
  silentLooks: number;
  /** Whether it has posted anything. One that dies before has not even started. */
  hasWorked: boolean;
  /** Why it died, if it reported an error. */
  error?: unknown;
}

interface RunningRound<Result> extends Round<Result> {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class WorkerPool<Result> {
  readonly #options: PoolOptions<Result>;
  readonly #board: Board;
  readonly #members = new Set<Member>();
  /** Results that arrived before those of earlier jobs. */
  readonly #waiting = new Map<number, Result>();
  #round: RunningRound<Result> | undefined;
  #next = 0;

  constructor(options: PoolOptions<Result>) {
    this.#options = options;
    this.#board = Board.make(options.workers);
  }

  /**
   * Makes the jobs of one round. Settles when every job that began has been given to `onResult`.
   *
   * @throws {Error} when a worker cannot start, when one dies and `lost` is absent, or when `onResult` throws.
   */
  async runRound(round: Round<Result>): Promise<void> {
    this.#board.begin(round.from);
    this.#next = round.from;
    const done = new Promise<void>((resolve, reject) => {
      this.#round = { ...round, resolve, reject };
    });
    for (const member of this.#members) this.#post(member);
    for (let slot = this.#members.size; slot < this.#options.workers; slot += 1) this.#start(slot);
    const looks = setInterval(() => this.#look(), lookMs);
    try {
      await done;
    } finally {
      clearInterval(looks);
      this.#round = undefined;
    }
  }

  /** Ends all workers. */
  async end(): Promise<void> {
    const left = [...this.#members];
    this.#members.clear();
    await Promise.all(left.map(({ worker }) => worker.terminate()));
  }

  #start(slot: number): void {
    this.#board.reset(slot);
    const { task, startWorker } = this.#options;
    const worker = startWorker({
      kind: 'leaktight.sim.work',
      task,
      shared: this.#board.shared,
      slot,
    });
    const member: Member = {
      worker,
      slot,
      isBusy: false,
      beats: -1n,
      silentLooks: 0,
      hasWorked: false,
    };
    this.#members.add(member);
    worker.on('message', (message: WorkerMessage<Result>) => {
      member.hasWorked = true;
      if (message.kind === 'idle') this.#idle(member);
      else this.#take(message.index, message.result);
    });
    worker.on('error', (error) => {
      member.error = error;
    });
    worker.on('exit', (code) => this.#ended(member, code));
    this.#post(member);
  }

  /** Only to one that makes no jobs. */
  #post(member: Member): void {
    if (this.#round === undefined) return;
    const { data, until } = this.#round;
    member.isBusy = true;
    member.silentLooks = 0;
    member.worker.postMessage({ data, until } satisfies RoundMessage);
  }

  #idle(member: Member): void {
    member.isBusy = false;
    if ([...this.#members].every(({ isBusy }) => !isBusy)) this.#round?.resolve();
  }

  #take(index: number, result: Result): void {
    const round = this.#round;
    // A worker that was ended may have posted its last result before.
    if (round === undefined || index < this.#next || this.#waiting.has(index)) return;
    this.#waiting.set(index, result);
    try {
      for (const next of this.#inOrder()) round.onResult(next);
    } catch (error) {
      round.reject(error);
    }
    this.#board.added(this.#next);
    if (round.isOver()) this.#board.stop();
  }

  *#inOrder(): Generator<Result> {
    while (this.#waiting.has(this.#next)) {
      const result = this.#waiting.get(this.#next) as Result;
      this.#waiting.delete(this.#next);
      this.#next += 1;
      yield result;
    }
  }

  /** Called when a worker has ended, for any reason; all its messages have arrived by then. */
  #ended(member: Member, code: number): void {
    if (!this.#members.delete(member)) return;
    const { slot, error } = member;
    const { lost } = this.#options;
    const index = this.#board.at(slot);
    const cause = error ?? new Error(`its thread ended with code ${code}`);
    if (lost === undefined || (index === undefined && !member.hasWorked)) {
      const early = new Error(`a worker thread ended with code ${code} before its work was done`);
      this.#round?.reject(error ?? early);
      return;
    }
    if (index !== undefined) this.#take(index, lost(index, cause));
    this.#start(slot);
  }

  #look(): void {
    if (this.#round?.isOver()) this.#board.stop();
    for (const member of this.#members) {
      if (!member.isBusy) continue;
      const beats = this.#board.beats(member.slot);
      member.silentLooks = beats === member.beats ? member.silentLooks + 1 : 0;
      member.beats = beats;
      const looksMax = beats === 0n ? startLooksMax : (this.#options.looksMax ?? 600);
      if (member.silentLooks < looksMax) continue;
      member.silentLooks = 0;
      const seconds = (looksMax * lookMs) / 1_000;
      member.error ??= new Error(`its thread gave no sign of life for ${seconds} s and was ended`);
      void member.worker.terminate();
    }
  }
}
