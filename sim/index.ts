/**
 * `leaktight/sim`: the simulator for any server. Load `leaktight/sim/register` (or `leaktight/sim/vitest`) before ws, give
 * `simulateSystem` a scenario and what to do with it, and get an outcome.
 */
export { SimulationError, type SimulationErrorCode } from './engine/errors.ts';
export { engineInvariants, type Invariant } from './engine/invariant.ts';
export { currentLife, type Life } from './engine/life.ts';
export type { Failure, InvariantCount, Outcome, Verdict } from './engine/outcome.ts';
export { Random, RandomSource } from './engine/random.ts';
export {
  type Action,
  defaultNetwork,
  type Fault,
  type FaultKind,
  type Json,
  type NetworkProfile,
  type PrioritySchedule,
  type Range,
  type Scenario,
  type Schedule,
} from './engine/scenario.ts';
export {
  type SimulateOptions,
  type Simulation,
  type SystemUnderTest,
  simulateSystem,
} from './engine/simulate.ts';
export type { Host } from './engine/tcp/host.ts';
export type { EventKind, TraceRecord } from './engine/trace.ts';
export type { World } from './engine/world.ts';
