/** Wall clocks that jump during another workload: they must have no effect on it. */

import { type Random, RandomSource } from '../../../engine/random.ts';
import type { Fault } from '../../../scenario/fault.ts';
import type { RegistryScenario } from '../scenario.ts';
import type { Draw } from './family.ts';

const hourMs = 3_600_000;

/** A workload in which clocks can jump: its name, and how it is drawn. */
export type Base = readonly [name: string, draw: Draw];

/** The scenario is that of one of the other families, and the seed is that of its run. */
export function clockJump(bases: readonly Base[]): Draw {
  return (seed, random, bug) => {
    const [name, draw] = random.pick(bases);
    const base = draw(seed, new RandomSource(seed).for('family', name), bug);
    return { ...base, name: 'clock-jump', faults: [...base.faults, ...jumps(random, base)] };
  };
}

function jumps(random: Random, { durationMs }: RegistryScenario): Fault[] {
  // An hour back and a day forward are what an administrator or a bad time server does.
  const steps = [-hourMs, 24 * hourMs, random.between(-10_000, 10_000)];
  return random.shuffle(steps).map((byMs) => ({
    kind: 'clock-jump',
    atMs: random.between(1_000, durationMs),
    host: 'server',
    byMs,
  }));
}
