/** What the command line needs of a system under test. `sim/registry` is one; the tests bring a small one of their own. */

import type { Catalogue } from '../report/catalogue.ts';
import type { Outcome } from '../run/outcome.ts';
import type { ScenarioShape } from '../run/scenario-shape.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SmallUniverse } from '../search/exhaustive/paths.ts';

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
  readonly universe?: SmallUniverse;
  /** How its scenarios are checked, shrunk, and given another bug. */
  readonly scenarioShape: ScenarioShape;
  simulate(scenario: Scenario, options?: LabOptions): Promise<Outcome>;
  /** What the seed resolved to, for a reader. */
  describeScenario(scenario: Scenario): readonly (readonly [label: string, value: string])[];
}
