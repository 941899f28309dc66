/**
 * The central data type of the simulator: one plain JSON value with everything that a run needs. The command line,
 * fast-check, the corpus and a user's own tests make one; `simulate` takes nothing else. It is independent of the
 * system under test, whose actions and settings are passed through unchanged.
 */
import type { NetworkProfile } from '../network/profile.ts';
import type { Fault } from './fault.ts';

export type { Range } from '../engine/random.ts';
export {
  defaultNetwork,
  type NetworkProfile,
  type PrioritySchedule,
  type Schedule,
} from '../network/profile.ts';
export type { Fault, FaultKind } from './fault.ts';

/** Any value that survives `JSON.parse(JSON.stringify(value))`. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** One action of the system under test. Fields other than `atMs` and `kind` are defined by the system. */
export interface Action {
  readonly atMs: number;
  readonly kind: string;
  readonly [field: string]: Json;
}

/** A complete run. */
export interface Scenario<A extends Action = Action, Settings = Json> {
  /** Version of this format. A reader that does not know it must refuse it. */
  readonly format: 1;
  /** Name of the workload that made it, for reports. */
  readonly name: string;
  /** Root of every keyed random stream of the run. Not itself part of the digest. */
  readonly seed: number;
  readonly network: NetworkProfile;
  readonly actions: readonly A[];
  readonly faults: readonly Fault[];
  /** Virtual milliseconds of the first phase, in which faults are on and safety is checked. */
  readonly durationMs: number;
  /**
   * Virtual milliseconds within which the liveness invariants must hold once faults have stopped and clients have left.
   */
  readonly settleMs: number;
  /** Settings of the system under test. */
  readonly settings: Settings;
}
