/** What the command line needs of a system under test. `sim/registry` is one; the tests bring a small one of their own. */

import type { Outcome } from '../engine/outcome.ts';
import type { Scenario } from '../engine/scenario.ts';
import type { Catalogue } from '../report/list.ts';

export interface ScenarioFamily {
  readonly name: string;
  readonly description: string;
  make(seed: number, options?: { readonly bug?: string }): Scenario;
}

export interface Lab extends Catalogue {
  readonly scenarios: readonly ScenarioFamily[];
  simulate(
    scenario: Scenario,
    options?: { readonly onTrace?: (record: object) => void },
  ): Promise<Outcome>;
  /** What the seed resolved to, for a reader. */
  describeScenario(scenario: Scenario): readonly (readonly [label: string, value: string])[];
}
