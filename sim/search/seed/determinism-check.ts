/** One seed run, or run again and compared: the proof that a verdict can be relied on. */
import { engineInvariants, isOfRealTime } from '../../run/invariant.ts';
import type { Outcome } from '../../run/outcome.ts';
import type { SimulateRun } from '../means.ts';
import { type Difference, RecordingComparison } from './recording-comparison.ts';
import {
  type PreparedScenario,
  prepareScenario,
  runScenario,
  type ScenarioSource,
  type SeedOptions,
} from './run-seed.ts';

/** What came of one seed. Plain data: it may come from a worker thread. */
export interface SeedResult {
  readonly outcome: Outcome;
  /** Present when the seed was checked for determinism: it was run a second time. */
  readonly check?: Difference | 'same';
}

/** A seed that gave two runs. */
export interface Divergence extends Difference {
  readonly seed: number;
  readonly scenario: string;
}

/** @param prepared The scenario of the seed, made once: it is what was shown, what runs, and what is shrunk. */
export async function runSeed(
  source: ScenarioSource,
  seed: number,
  prepared: PreparedScenario,
  simulate: SimulateRun,
  options: SeedOptions = {},
): Promise<SeedResult> {
  return { outcome: await runScenario(source, seed, prepared, simulate, options) };
}

/**
 * Runs the seed a second time, from the seed on: its scenario is made again, since that may be what differs. Finds the
 * first event that is not the same. The outcome is that of the first run.
 */
export async function checkDeterminism(
  source: ScenarioSource,
  seed: number,
  prepared: PreparedScenario,
  simulate: SimulateRun,
  options: SeedOptions = {},
): Promise<SeedResult> {
  const comparison = new RecordingComparison();
  const outcome = await runScenario(source, seed, prepared, simulate, {
    ...options,
    onTrace: (record) => {
      options.onTrace?.(record);
      comparison.record(record);
    },
    onRestart: () => {
      options.onRestart?.();
      comparison.clear();
    },
  });
  if (isOfRealTime(outcome.failure?.invariant)) return { outcome };
  const second = await runScenario(source, seed, prepareScenario(source, seed), simulate, {
    watchdog: options.watchdog,
    onTrace: (record) => comparison.compare(record),
    onRestart: () => comparison.rewind(),
  });
  if (second.failure?.invariant === engineInvariants.stopped) return { outcome };
  return { outcome, check: comparison.difference(outcome, second) ?? 'same' };
}
