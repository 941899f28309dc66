/** What the command line needs of a system under test. `sim/registry` is one; the tests bring a small one of their own. */

import type { Outcome } from '../engine/outcome.ts';
import type { Scenario } from '../engine/scenario.ts';
import type { Universe } from '../explore/universe.ts';
import type { Catalogue } from '../report/list.ts';
import type { Anatomy } from '../shrink/anatomy.ts';

export interface ScenarioFamily {
  readonly name: string;
  readonly description: string;
  /** States that its runs must reach sometimes, by the names that `World.reach` is given. A long campaign fails without. */
  readonly sometimes?: readonly string[];
  make(seed: number, options?: { readonly bug?: string }): Scenario;
}

export interface LabOptions {
  readonly onTrace?: ((record: object) => void) | undefined;
  /** The process was stopped, so the run is made anew: what was traced of it is void. */
  readonly onRestart?: (() => void) | undefined;
  /** In a campaign nothing of ours takes long between two runs, so one watchdog may look after many. */
  readonly watchdog?: 'each-run' | 'shared' | undefined;
}

export interface Lab extends Catalogue {
  readonly scenarios: readonly ScenarioFamily[];
  /** What an exhaustive search walks through, if there is something. Its paths are seeds of the family of its name. */
  readonly universe?: Universe;
  /** How its scenarios are checked, shrunk, and given another bug. */
  readonly anatomy: Anatomy;
  simulate(scenario: Scenario, options?: LabOptions): Promise<Outcome>;
  /** What the seed resolved to, for a reader. */
  describeScenario(scenario: Scenario): readonly (readonly [label: string, value: string])[];
}
