/** The code of one worker of a pool: it takes jobs until there are no more, and posts their results. */
import type { MessagePort } from 'node:worker_threads';
import { Board, type RoundMessage, type Work, type WorkerMessage } from './board.ts';

/** Makes the jobs of a worker. */
export interface Runner<Result> {
  /** More jobs are to be made. `data` is what the round was given. */
  begin(data: unknown): void;
  /** An error of a run is part of its result. */
  run(index: number): Promise<Result>;
}

/** Real milliseconds between two signs of life. */
const beatMs = 500;

// Taken before any run replaces them.
const { setInterval, clearInterval, setImmediate } = globalThis;

/** Makes jobs, round after round, until the worker is ended. */
export function serve<Result>(work: Work, port: MessagePort, runner: Runner<Result>): void {
  const board = new Board(work.shared);
  board.beat(work.slot);
  const post = (message: WorkerMessage<Result>): void => port.postMessage(message);
  port.on('message', async ({ data, until }: RoundMessage) => {
    // The real interval fires between two iterations of the loop that drives a run, and does not affect the run.
    const beats = setInterval(() => board.beat(work.slot), beatMs);
    try {
      runner.begin(data);
      for (;;) {
        await waitForSlowest(board, work.slot);
        const index = board.take(work.slot, until);
        if (index === undefined) break;
        post({ kind: 'result', index, result: await runner.run(index) });
        board.put(work.slot);
      }
    } finally {
      clearInterval(beats);
    }
    post({ kind: 'idle' });
  });
}

async function waitForSlowest(board: Board, slot: number): Promise<void> {
  if (!board.isFarAhead()) return;
  // Leaves the iteration in which the last run ended: its watchdog must not count the wait of this worker.
  await new Promise((resolve) => setImmediate(resolve));
  while (board.isFarAhead()) board.waitForOthers(slot);
}
