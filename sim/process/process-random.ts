/** The seeded chance of one process: `Math.random` and `node:crypto` inside it. */

import type { Random, RandomSource } from '../engine/random.ts';

export interface ProcessRandom {
  readonly math: Random;
  readonly crypto: Random;
}

/** Each stream is made when it is first asked for: most processes ask for one of the two at most. */
export function makeProcessRandom(
  source: RandomSource,
  host: string,
  incarnation: number,
): ProcessRandom {
  let math: Random | undefined;
  let crypto: Random | undefined;
  return {
    get math() {
      math ??= source.for('math', host, incarnation);
      return math;
    },
    get crypto() {
      crypto ??= source.for('crypto', host, incarnation);
      return crypto;
    },
  };
}
