/** A universe without a simulator: two counters that go up and down, and break where a test wants it. */

import type { Path, PathResult, SmallUniverse } from '../../../sim/run/small-universe.ts';
import { defaultNetwork } from '../../../sim/scenario/scenario.ts';

const letters = ['left up', 'left down', 'right up', 'right down'];

/** Counters from 0 to `most`. A path is broken when both are at `brokenAt`. */
export function toyUniverse({ most = 3, brokenAt = Number.NaN } = {}): SmallUniverse & {
  readonly walked: string[];
} {
  const walked: string[] = [];
  return {
    walked,
    name: 'toy',
    description: [['counters', '2']],
    letters,
    scenarioOf: (path) => ({
      format: 1,
      name: 'toy',
      seed: 0,
      network: defaultNetwork,
      actions: path.map((letter, index) => ({ atMs: index, kind: letters[letter] ?? '' })),
      faults: [],
      durationMs: 1_000,
      settleMs: 0,
      settings: null,
    }),
    async walk(path, isKnown) {
      walked.push(path.join(''));
      return resultOf(path, isKnown, most, brokenAt);
    },
  };
}

function resultOf(
  path: Path,
  isKnown: (state: string) => boolean,
  most: number,
  brokenAt: number,
): PathResult {
  const counters = [0, 0];
  for (const letter of path) {
    const side = letter >> 1;
    counters[side] = (counters[side] ?? 0) + (letter % 2 === 0 ? 1 : -1);
  }
  const [left = 0, right = 0] = counters;
  const choices = [0, 1, 2, 3].filter((letter) => {
    const next = (letter < 2 ? left : right) + (letter % 2 === 0 ? 1 : -1);
    return next >= 0 && next <= most;
  });
  const state = `${left},${right}`;
  const result: PathResult = {
    state,
    choices,
    isWhole: !isKnown(state),
    events: path.length,
    virtualMs: 1,
    checks: 1,
  };
  if (left !== brokenAt || right !== brokenAt) return result;
  const failure = {
    invariant: 'the counters differ',
    detail: `both are ${left}`,
    atMs: 1,
    event: 1,
    lastEvent: 'x',
  };
  return { ...result, failure };
}
