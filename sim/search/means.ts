/** What a search takes from the process that it runs in. The command line binds the process; tests bind arrays. */
import type { Worker } from 'node:worker_threads';
import type { Run, RunOptions } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Work } from './pool/board.ts';

/** Makes one run: `simulate` of sim/run, or what stands for it in a test. */
export type SimulateRun = (scenario: Scenario, options: RunOptions) => Promise<Run>;

export interface Means {
  readonly simulate: SimulateRun;
  /** Milliseconds of real time, from any origin. */
  nowMs(): number;
  /** Lets the real event loop turn once, so that a signal is seen between two runs. */
  turn(): Promise<void>;
  /** Calls `listener` at the first request to stop; a second one ends the process. Returns what takes it off again. */
  onInterrupt(listener: () => void): () => void;
  /** Starts the program once more, in a worker thread that does the work. */
  startWorker(work: Work): Worker;
}

/** How far many runs have come. */
export interface Standing {
  readonly runs: number;
  readonly failed: number;
  readonly virtualMs: number;
}

/** Called only between two runs, while time is real. */
export interface Progress {
  advance(standing: Standing): void;
  /** Leaves the terminal as it was found. */
  stop(): void;
}

/** Whether a search was asked to stop. Listens from its construction on. */
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

/** How long runs in this thread may keep Ctrl-C waiting, in real milliseconds. */
const msBetweenTurns = 50;

/** Returns what is awaited between two runs: it lets the event loop turn when the last turn is long enough ago. */
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
