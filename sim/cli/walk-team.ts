/** The threads of an exhaustive search, from the outside: gives them paths, and what they answer in the order of those. */

import type { Worker } from 'node:worker_threads';
import type { Path, Step } from '../search/exhaustive/paths.ts';
import type { Io } from './io.ts';
import type { WalkAnswer, WalkBatch } from './walk-work.ts';

/** Paths that a thread is given at a time: enough that asking for more costs nothing, few enough to end together. */
const batchSize = 16;

interface Member {
  readonly worker: Worker;
  /** States that it has not been told of. */
  untold: string[];
  /** Position of the batch that it walks. */
  from: number | undefined;
}

export class WalkTeam {
  readonly #members: readonly Member[];
  #onAnswer: (member: Member, steps: WalkAnswer) => void = () => {};
  #onDeath: (error: unknown) => void = () => {};
  #death: { readonly error: unknown } | undefined;

  constructor(threads: number, { bug }: { readonly bug?: string }, startThread: Io['startThread']) {
    this.#members = Array.from({ length: threads }, () => {
      const worker = startThread({
        kind: 'leaktight.sim.walks',
        ...(bug === undefined ? {} : { bug }),
      });
      const member: Member = { worker, untold: [], from: undefined };
      worker.on('message', (steps: WalkAnswer) => this.#onAnswer(member, steps));
      worker.on('error', (error) => this.#died(error));
      worker.on('exit', (code) => this.#died(new Error(`a thread ended with code ${code}`)));
      return member;
    });
  }

  /**
   * Walks all paths and calls `onStep` for each, in order. Once `isOver`, no further one is given out.
   *
   * @param news States that are known from now on.
   * @throws {Error} when a thread dies, or `onStep` throws.
   */
  walk(
    paths: readonly Path[],
    news: readonly string[],
    onStep: (step: Step) => void,
    isOver: () => boolean,
  ): Promise<void> {
    const waiting = new Map<number, WalkAnswer>();
    let given = 0;
    let taken = 0;
    for (const member of this.#members) member.untold.push(...news);
    return new Promise((resolve, reject) => {
      const give = (member: Member): void => {
        if (given >= paths.length || isOver()) {
          if (this.#members.every(({ from }) => from === undefined)) resolve();
          return;
        }
        member.from = given;
        const batch: WalkBatch = {
          news: member.untold,
          paths: paths.slice(given, given + batchSize),
        };
        given += batch.paths.length;
        member.untold = [];
        member.worker.postMessage(batch);
      };
      this.#onDeath = reject;
      this.#onAnswer = (member, steps) => {
        waiting.set(member.from ?? 0, steps);
        member.from = undefined;
        try {
          for (let next = waiting.get(taken); next !== undefined; next = waiting.get(taken)) {
            waiting.delete(taken);
            taken += next.length;
            for (const step of next) onStep(step);
          }
        } catch (error) {
          reject(error);
        }
        give(member);
      };
      if (this.#death !== undefined) reject(this.#death.error);
      for (const member of this.#members) give(member);
    });
  }

  async end(): Promise<void> {
    this.#onDeath = () => {};
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #died(error: unknown): void {
    this.#death ??= { error };
    this.#onDeath(this.#death.error);
  }
}
