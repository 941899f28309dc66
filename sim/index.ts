/**
 * `leaktight/sim`: the simulator for any server. Load `leaktight/sim/register` (or `leaktight/sim/vitest`) before ws, give
 * `simulateSystem` a scenario and what to do with it, and get an outcome.
 */
export { SimulationError, type SimulationErrorCode } from './engine/errors.ts';
export { Random, RandomSource } from './engine/random.ts';
export type { EventKind, TraceRecord } from './engine/trace.ts';
export type { Host } from './network/host.ts';
export { currentProcess, type SimulatedProcess } from './process/simulated-process.ts';
export { engineInvariants, type Invariant } from './run/invariant.ts';
export type { Failure, InvariantCount, Outcome, Verdict } from './run/outcome.ts';
export {
  type SimulateOptions,
  type Simulation,
  type SystemUnderTest,
  simulateSystem,
} from './run/simulate.ts';
export type { World } from './run/world.ts';
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
} from './scenario/scenario.ts';
