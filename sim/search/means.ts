/** What a search needs from its process. The command line passes the real process; tests pass arrays. */
import type { Worker } from 'node:worker_threads';
import type { Run, RunOptions } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Work } from './pool/board.ts';

/** Makes one run: `simulate` of sim/run, or its substitute in a test. */
export type SimulateRun = (scenario: Scenario, options: RunOptions) => Promise<Run>;

export interface Means {
  readonly simulate: SimulateRun;
  /** Milliseconds of real time, from any origin. */
  nowMs(): number;
  /** Lets the real event loop run one iteration, so that a signal is handled between two runs. */
  turn(): Promise<void>;
  /**
   * Calls `listener` at the first request to stop; a second one ends the process. Returns a function that removes it.
   */
  onInterrupt(listener: () => void): () => void;
  /** Starts the program once more, in a worker thread that does the work. */
  startWorker(work: Work): Worker;
}

/** The progress of many runs. */
export interface Standing {
  readonly runs: number;
  readonly failed: number;
  readonly virtualMs: number;
}

/** Called only between two runs, while time is real. */
export interface Progress {
  advance(standing: Standing): void;
  /** Restores the terminal. */
  stop(): void;
}

/** Whether the user interrupted a search. It listens from its construction on. */
export class Interrupt {
  isRequested = false;
  /** Stops listening. */
  readonly off: () => void;

  constructor(means: Pick<Means, 'onInterrupt'>) {
    this.off = means.onInterrupt(() => {
      this.isRequested = true;
    });
  }
}

/** How long runs in this thread may delay Ctrl-C, in real milliseconds. */
const msBetweenTurns = 50;

/**
 * Returns a function to await between two runs: it lets the event loop run if its last iteration is long enough ago.
 */
export function turnTaker(means: Pick<Means, 'nowMs' | 'turn'>): () => Promise<void> {
  let lastMs = means.nowMs();
  return async () => {
    if (means.nowMs() - lastMs < msBetweenTurns) return;
    await means.turn();
    lastMs = means.nowMs();
  };
}

/** Makes runs in this thread, in order, until all are made or it is over. */
export async function runHere<Result>(
  { from, until, onResult, isOver }: RunsHere<Result>,
  run: (index: number) => Promise<Result>,
  means: Pick<Means, 'nowMs' | 'turn'>,
): Promise<void> {
  const takeTurn = turnTaker(means);
  for (let index = from; index < until && !isOver(); index += 1) {
    onResult(await run(index));
    await takeTurn();
  }
}

interface RunsHere<Result> {
  readonly from: number;
  readonly until: number;
  readonly onResult: (result: Result) => void;
  readonly isOver: () => boolean;
}
