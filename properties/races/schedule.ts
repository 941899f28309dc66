/**
 * A scheduler that can be replayed. fast-check's own draws from where its last clone has left off (4.10), so how often a
 * counterexample was shrunk decides the order of its tasks: its path alone does not show it again. Here each run begins
 * anew from a seed.
 */
import fc from 'fast-check';

export class Schedule implements fc.WithCloneMethod<Schedule>, fc.WithToStringMethod {
  readonly scheduler: fc.Scheduler;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    const [scheduler] = fc.sample(fc.scheduler(), { seed, numRuns: 1 });
    if (scheduler === undefined) throw new Error('fast-check gives no scheduler');
    this.scheduler = scheduler;
  }

  [fc.cloneMethod](): Schedule {
    return new Schedule(this.#seed);
  }

  [fc.toStringMethod](): string {
    return String(this.scheduler);
  }
}

/** A seed that is nearer to zero is no simpler. */
export const schedule: fc.Arbitrary<Schedule> = fc
  .noShrink(fc.integer())
  .map((seed) => new Schedule(seed));
