/** How long a segment is on its way, drawn from a profile. Only arithmetic that gives the same bits on every Node. */
import type { Random, Range } from '../engine/random.ts';
import type { NetworkProfile } from './profile.ts';

/** The longest that a segment is on its way where nothing is wrong with the network. */
export function longestMs({ latencyMs, schedule }: NetworkProfile): number {
  return latencyMs.max + (schedule?.kind === 'priorities' ? schedule.windowMs : 0);
}

export function drawLatencyMs(random: Random, profile: NetworkProfile): number {
  const { latencyMs, latencyDistribution } = profile;
  switch (latencyDistribution) {
    case 'lognormal':
      return logNormal(random, latencyMs);
    case 'heavy-tail':
      return boundedPareto(random, latencyMs);
    default:
      return random.in(latencyMs);
  }
}

/** What is above the minimum has its median at an eighth of the range and a sigma of 1; the range cuts off 2 %. */
function logNormal(random: Random, { min, max }: Range): number {
  // The sum of six uniform numbers is near enough to a normal one (Irwin-Hall), with a variance of a half.
  let sum = 0;
  for (let draw = 0; draw < 6; draw++) sum += random.unit();
  const normal = (sum - 3) * Math.SQRT2;
  const above = ((max - min) / 8) * exponential(normal);
  return min + Math.min(max - min, Math.floor(above));
}

/** A bounded Pareto distribution with a shape of 1: half of all take next to nothing, one in a hundred a long time. */
function boundedPareto(random: Random, { min, max }: Range): number {
  const most = max - min + 1;
  return min - 1 + Math.min(most, Math.floor(most / (most - random.unit() * (most - 1))));
}

/** e to the power of x, with multiplications alone: how `Math.exp` rounds is the engine's business. */
function exponential(x: number): number {
  let power = 1 + x / 1_024;
  for (let doubling = 0; doubling < 10; doubling++) power *= power;
  return power;
}
