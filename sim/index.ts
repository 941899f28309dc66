/**
 * `leaktight/sim`: the simulator for any server. Load `leaktight/sim/register` (or `leaktight/sim/vitest`) before ws, give
 * `simulateSystem` a scenario and what to do with it, and get an outcome.
 */
export { SimulationError, type SimulationErrorCode } from './engine/errors.ts';
export { Random, RandomSource } from './engine/random.ts';
export type { EventKind, TraceRecord } from './engine/trace.ts';
export type { Host } from './network/hosts/host.ts';
export {
  currentProcess,
  /** @deprecated Renamed to `currentProcess`. */
  currentProcess as currentLife,
  /** @deprecated Renamed to `SimulatedProcess`. */
  type SimulatedProcess as Life,
  type SimulatedProcess,
} from './process/simulated-process.ts';
export { engineInvariants, type Invariant } from './run/invariant.ts';
export type { Failure, InvariantCount, Outcome, Verdict } from './run/outcome.ts';
export { type Run, type RunOptions, simulate } from './run/run.ts';
export { plainShape, type ScenarioShape, type Step, type Tightened } from './run/scenario-shape.ts';
export {
  type SimulateOptions,
  type Simulation,
  simulateSystem,
} from './run/simulate-system.ts';
/** @deprecated Use `SimulatedSystem`: it is the same type. */
export type {
  SimulatedSystem,
  SimulatedSystem as SystemUnderTest,
} from './run/simulated-system.ts';
export type { Path, PathResult, SmallUniverse } from './run/small-universe.ts';
export type {
  FigureRow,
  Figures,
  ListedBug,
  ListedPropertyBug,
  Oracle,
  PreparedSystem,
  ScenarioFamily,
  System,
  SystemModule,
} from './run/system.ts';
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
