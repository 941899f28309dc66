/** Runs one seed once, or twice with a comparison: the proof that its verdict is reliable. */
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

/** The result of one seed. Plain data, since a worker thread may send it. */
export interface SeedResult {
  readonly outcome: Outcome;
  /** Present when the seed was checked for determinism: it was run a second time. */
  readonly check?: Difference | 'same';
}

/** A seed whose two runs differ. */
export interface Divergence extends Difference {
  readonly seed: number;
  readonly scenario: string;
}

/** @param prepared The scenario of the seed, made once: the same one is printed, run and shrunk. */
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
 * Runs the seed a second time. Its scenario is made again, since that may differ too. Finds the first event that
 * differs. The outcome is that of the first run.
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
