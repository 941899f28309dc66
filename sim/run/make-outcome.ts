/** Makes the outcome of a finished run from its world, its system and its invariants. */
import { SimulationError } from '../engine/errors.ts';
import type { Json, Scenario } from '../scenario/scenario.ts';
import { type Checker, engineInvariants } from './invariant.ts';
import type { Failure, Outcome, Verdict } from './outcome.ts';
import type { SimulatedSystem } from './simulated-system.ts';
import type { Crash, World } from './world.ts';

/** @param faults How often each fault class of the scenario struck. */
export function makeOutcome(
  world: World,
  scenario: Pick<Scenario<never, Json>, 'name' | 'seed'>,
  system: SimulatedSystem<never>,
  checker: Checker<never>,
  faults: ReadonlyMap<string, number>,
): Outcome {
  const crash = world.crash === undefined ? undefined : describeCrash(world, world.crash);
  const failure = crash ?? checker.failure;
  const verdict: Verdict =
    crash !== undefined ? 'crashed' : failure !== undefined ? 'failed' : 'passed';
  const uncaught = { name: engineInvariants.uncaught, checks: world.event, failures: 0 };
  return {
    scenario: scenario.name,
    seed: scenario.seed,
    verdict,
    virtualMs: world.nowMs,
    events: world.event,
    connections: world.network.established,
    wireBytes: world.wireBytes,
    faults: { ...Object.fromEntries(faults), ...system.faults() },
    metrics: system.metrics(),
    reached: Object.fromEntries(world.reached),
    invariants: [
      { ...uncaught, failures: crash?.invariant === uncaught.name ? 1 : 0 },
      ...checker.counts(),
    ],
    ...(failure === undefined ? {} : { failure }),
    digest: world.digest(),
  };
}

function describeCrash(world: World, { error, host }: Crash): Failure {
  const where = host === undefined ? '' : ` on host ${host}`;
  return {
    invariant: invariantOf(error),
    detail: `${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}${where}`,
    atMs: world.nowMs,
    event: world.event,
    lastEvent: world.lastEvent,
    ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

function invariantOf(error: unknown): string {
  if (!(error instanceof SimulationError)) return engineInvariants.uncaught;
  switch (error.code) {
    case 'ERR_SIM_LIVELOCK':
      return engineInvariants.livelock;
    case 'ERR_SIM_HANG':
      return engineInvariants.hang;
    case 'ERR_SIM_STOPPED':
      return engineInvariants.stopped;
    case 'ERR_SIM_ESCAPE':
      return engineInvariants.escape;
    case 'ERR_SIM_ASSERTION':
      return engineInvariants.simulator;
    default:
      return engineInvariants.uncaught;
  }
}
