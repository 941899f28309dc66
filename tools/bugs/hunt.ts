/** Looks for one seeded bug with seeds from 1 on, and makes what it finds as small as it gets. */

import type { Outcome } from '../../sim/run/outcome.ts';
import type { Scenario } from '../../sim/scenario/scenario.ts';
import { shrink } from '../../sim/search/shrink/shrink.ts';
import { type Bug, scenarioNameOf } from '../../sim/systems/registry/bugs/bug.ts';
import { scenarioShape, scenarios, simulate } from '../../sim/systems/registry/index.ts';
import type { RegistryScenario } from '../../sim/systems/registry/scenario.ts';

export type BugUnderTest = Omit<Bug, 'description' | 'patches'>;

/** A seed that fails, and neither by the bug's own invariant nor by one that may break before it. */
export interface WrongFailure {
  readonly seed: number;
  readonly invariant: string;
}

/** What came of the hunt for one bug. */
export interface HuntResult {
  readonly bug: string;
  readonly guarantees: readonly string[];
  /** The invariant that must catch it. */
  readonly invariant: string;
  /** Name of the scenario that it was looked for in. */
  readonly scenario: string;
  /** Seeds that were run, the one that found it included. */
  readonly seeds: number;
  /** Seeds on which a forerunner broke first. */
  readonly otherwise: number;
  /** Where the hunt ended, if another invariant broke first. */
  readonly wrongFailure?: WrongFailure;
  /** Real milliseconds until it was found. */
  readonly foundMs: number;
  /** Absent when it was not found. */
  readonly found?: {
    readonly seed: number;
    /** Actions and faults that are left, and those there were. */
    readonly actions: number;
    readonly faults: number;
    readonly from: number;
    readonly shrinkRuns: number;
    readonly isMinimal: boolean;
    readonly shrinkMs: number;
    /** Whether what is left passes on the code as it ships. */
    readonly passesWithout: boolean;
  };
}

const run = (scenario: Scenario): Promise<Outcome> =>
  simulate(scenario as RegistryScenario, { watchdog: 'shared' });

export async function hunt(
  bug: BugUnderTest,
  seedsMax: number,
  shrinkRuns: number,
): Promise<HuntResult> {
  const { name, guarantees, caughtBy, forerunners = [] } = bug;
  const scenarioName = scenarioNameOf(bug);
  const family = scenarios.find((candidate) => candidate.name === scenarioName);
  if (family === undefined) throw new Error(`there is no scenario ${scenarioName} to look in`);
  // Its copy of the sources is compiled once: no part of looking for it.
  await run({ ...family.make(1, { bug: name }), actions: [], faults: [], durationMs: 0 });
  const startMs = performance.now();
  const result = { bug: name, guarantees, invariant: caughtBy, scenario: scenarioName };
  let otherwise = 0;
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const scenario = family.make(seed, { bug: name });
    const outcome = await run(scenario);
    if (outcome.failure === undefined) continue;
    const { invariant } = outcome.failure;
    if (forerunners.some((forerunner) => forerunner.invariant === invariant)) {
      otherwise += 1;
      continue;
    }
    if (invariant !== caughtBy) {
      const foundMs = performance.now() - startMs;
      return { ...result, seeds: seed, otherwise, foundMs, wrongFailure: { seed, invariant } };
    }
    const foundMs = performance.now() - startMs;
    const shrunk = await shrink(scenario, outcome, {
      simulate: run,
      scenarioShape,
      runsMax: shrinkRuns,
    });
    const shipped = await run(scenarioShape.withBug(shrunk.scenario, null));
    return {
      ...result,
      seeds: seed,
      otherwise,
      foundMs,
      found: {
        seed,
        actions: shrunk.after.actions,
        faults: shrunk.after.faults,
        from: shrunk.before.actions + shrunk.before.faults,
        shrinkRuns: shrunk.runs,
        isMinimal: shrunk.ended === 'nothing simpler fails',
        shrinkMs: performance.now() - startMs - foundMs,
        passesWithout: shipped.failure === undefined,
      },
    };
  }
  return { ...result, seeds: seedsMax, otherwise, foundMs: performance.now() - startMs };
}
